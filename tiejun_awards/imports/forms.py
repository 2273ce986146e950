"""Forms of importing and exporting the opening data."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf.file import FileField
from wtforms import SelectField, StringField

from ..shared.fields import VerbForm


class UploadForm(VerbForm):
    """The file, where such files come from, and what a single unknown sheet in it is."""

    organiser = SelectField("导入到哪个主办党组织", validate_choice=False)
    file = FileField("文件")
    only_sheet = SelectField("文件里是什么", validate_choice=False)
    source = StringField("来源")

    def offer(self, organisers: Sequence[tuple[int, str]], sheets: Sequence[tuple[str, str]]) -> None:
        """The organisers within reach, and the sheets one may bring."""
        self.organiser.choices = [(str(number), name) for number, name in organisers]
        self.only_sheet.choices = [("", "按工作表的名称认"), *((key, f"一张“{title}”表") for key, title in sheets)]

    @property
    def organiser_id(self) -> int | None:
        """The chosen organiser; None for one that was not offered."""
        offered = {choice[0] for choice in self.organiser.choices or ()}
        return int(self.organiser.data) if self.organiser.data in offered else None

    @property
    def content(self) -> tuple[str, bytes]:
        """(name, bytes) of the chosen file; empty for none."""
        if not self.file.data or not getattr(self.file.data, "filename", ""):
            return "", b""
        return str(self.file.data.filename), self.file.data.stream.read()


class RunForm(VerbForm):
    """A verb on an import that needs nothing else."""
