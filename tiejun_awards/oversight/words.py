"""What actions, things and details of the audit trail are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..accounts.rules import SIGN_IN_ACTIONS

ACTIONS: dict[str, str] = {
    "accounts.sign_in": "登录",
    "accounts.sign_in_failed": "登录未成功",
    "accounts.sign_out": "退出登录",
    "accounts.note_confirmation": "再输一次密码",
    "accounts.set_large_text": "切换大字版",
    **SIGN_IN_ACTIONS,
    "scoring.print_slips": "打印评委登录条",
    "scoring.print_slip": "打印一张评委登录条",
    "accounts.grant_post": "任命",
    "accounts.end_post": "免去任职",
    "accounts.hand_over_post": "交接任职",
    "web.denied": "被拒绝的访问",
    "oversight.read": "查看审计日志",
    "oversight.exported": "导出审计日志",
    "oversight.saw": "查看个人情况",
    "oversight.saw_list": "导出含个人情况的名单",
    "oversight.verified": "校验审计日志",
    "ballots.cast": "投票",
    "ballots.draft": "准备投票",
    "ballots.change": "改投票方案",
    "ballots.set_voters": "定投票人名册",
    "ballots.name_tellers": "定监票人、计票人",
    "ballots.make_slips": "印测评码",
    "ballots.make_key": "监票人设开箱口令",
    "ballots.begin": "开始投票",
    "ballots.close": "结束投票",
    "ballots.confirm": "监票人同意开箱",
    "ballots.enter_paper": "录入纸质票",
    "ballots.record_count": "开箱计票",
    "ballots.void": "作废投票",
    "ballots.run_off": "再次投票",
    "ballots.destroy_key": "销毁开箱密钥",
    "calls.draft": "起草推荐通知",
    "calls.change": "改推荐通知",
    "calls.announce": "发出推荐通知",
    "decisions.confirm": "核对登记的决定",
    "files.attach": "传附件",
    "files.remove": "移除附件",
    "home.give_feedback": "提意见建议",
    "honours.publish": "公布选树结果",
    "nominations.suggest": "群众推荐",
    "nominations.withdraw": "撤回推荐",
    "nominations.begin": "开始写单位推荐",
    "nominations.save": "存单位推荐草稿",
    "nominations.submit": "报送单位推荐",
    "quarters.ask_for_quarter_file": "导出季度情况",
    "ratings.draft": "起草星级评定",
    "ratings.announce": "公告星级评定",
    "ratings.verify": "核定支部分值",
    "ratings.record": "登记加分、减分、例外",
    "ratings.strike": "撤下加分、减分、例外",
    "ratings.tell_judges": "写支部自述",
    "ratings.open_scoring": "开始评分",
    "ratings.close": "结束评分",
    "ratings.register": "登记评定步骤",
    "ratings.withdraw_step": "撤下登记的步骤",
    "ratings.register_tie_vote": "登记并列表决",
    "ratings.publish": "公布评定结果",
    "ratings.ask_for_trial": "申请评分期间的试算",
    "ratings.confirm_trial": "核准评分期间的试算",
    "ratings.refuse_trial": "退回评分期间的试算",
    "reports.begin": "开始写报告",
    "reports.save": "存报告草稿",
    "reports.submit": "提交报告",
    "reports.accept": "采用报告",
    "reports.send_back": "退回报告",
    "reports.reopen": "重新打开报告",
    "rulebook.enter_days": "登记放假和调休",
    "rulebook.withdraw": "撤下放假通知",
    "rulebook.change_rule": "改规则",
    "rulebook.restore_rule": "撤回规则的数",
    "rulebook.adopt_rules": "确定多条规则",
    "scoring.save": "存评分",
    "scoring.sign": "评分表签名",
    "scoring.unsign": "撤回签名",
    "scoring.declare_interest": "申报回避",
    "selection.accept": "初审通过",
    "selection.end": "未列入",
    "selection.reopen": "重新列入审查",
    "selection.register": "登记选树步骤",
    "selection.take_back": "撤下选树步骤",
    "stars.designate": "确定试点支部",
    "stars.end_pilot": "结束试点",
    "papers.transcribe": "代录",
    "papers.correct": "改正代录",
    "papers.compare": "复核代录",
    "papers.send_back": "退回代录",
    "papers.withdraw": "撤下代录",
    "setup.begin": "首次启用",
    "imports.import_posts": "导入任职",
    "accounts.add_person": "建立账号",
    "accounts.disable_person": "停用账号",
    "accounts.enable_person": "恢复账号",
    "imports.import_data": "导入基础数据",
    "imports.import_units": "导入单位",
    "imports.import_parties": "导入党组织",
    "imports.import_served": "导入支部所在单位",
    "imports.import_people": "导入账号",
    "imports.import_stars": "导入历年星级",
    "imports.import_honours": "导入历年表扬",
}
"""Action -> what a reader calls it; an action that is missing goes by its permission (``action_label``)."""


def action_label(action: str, permissions: Mapping[str, str]) -> str:
    """An action in a reader's words; ``permissions`` says action -> label of its permission."""
    return ACTIONS.get(action) or permissions.get(action) or action


THINGS: dict[str, str] = {
    "report": "季度报告",
    "report_revision": "季度报告的稿",
    "rating_cycle": "星级评定",
    "cycle_branch": "参评支部",
    "rating_trial": "评分期间的试算",
    "branch_entry": "加分、减分、例外",
    "sheet": "评分表",
    "seat": "评委席位",
    "panel": "评委会",
    "poll": "投票",
    "paper_count": "纸质票计数",
    "ballot_key": "开箱密钥",
    "award_call": "推荐通知",
    "suggestion": "群众推荐",
    "recommendation": "单位推荐",
    "nomination_entry": "候选对象",
    "honour": "先进典型",
    "registered_step": "登记的步骤",
    "attachment": "附件",
    "feedback": "意见建议",
    "day_notice": "放假通知",
    "rule_value": "规则",
    "pilot": "试点支部",
    "person": "人员",
    "role_grant": "任职",
    "sign_in_slip": "登录条",
    "job": "后台工作",
    "organiser": "主办党组织",
    "party_organisation": "党组织",
    "unit": "单位",
    "open_question": "待定事项",
    "transcription": "代录",
    "paper_form": "纸质表",
    "message": "消息",
}
"""Kind of thing (its table) -> what a reader calls it, where no feature says its title."""

DETAILS: dict[str, str] = {
    **{
        "reason": "原因",
        "number": "文号",
        "quarter": "季度",
        "revision": "第几稿",
        "digest": "内容指纹",
        "branch": "党支部编号",
    },
    **{
        "late": "迟交说明",
        "changed": "改了几处",
        "entry": "种类",
        "code": "代码",
        "value": "数值",
        "basis": "依据",
        "year": "年度",
    },
    **{
        "sheets": "评分表张数",
        "confirmed": "已确认",
        "title": "名称",
        "quota": "名额",
        "voters": "投票人数",
        "slips": "张数",
    },
    **{
        "envelopes": "信封数",
        "root": "封箱值",
        "ended_before": "前任原来的最后一天",
        "acting_ended": "一并结束的代理",
        "early": "原定结束时间",
        "about": "关于",
        "endpoint": "页面",
        "sentence": "说明",
    },
    **{
        "known": "账号存在",
        "right": "密码正确",
        "events": "条数",
        "sealed": "已封存",
        "event": "事件",
        "role": "岗位",
        "name": "名称",
    },
    **{
        "before": "原来",
        "after": "改为",
        "old": "原来",
        "new": "改为",
        "on": "打开",
        "step": "步骤",
        "owner": "所属",
        "count": "件数",
    },
    **{
        "method": "计分方法",
        "judges": "评委人数",
        "unsigned": "未签名",
        "stars": "各星级个数",
        "days": "天数",
        "whole_year": "全年",
    },
    **{"signed_on": "签字日期", "working_days": "工作日", "over": "超期", "counts_in_time": "按纸上日期算按时"},
    **{"varied": "改什么", "asker": "申请人"},
}
"""Name in an event's detail -> what a reader calls it."""


def in_words(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an event says of itself, as (what, words), for a reader: lists joined, yes and no as words."""

    def words(value: Any) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "、".join(words(each) for each in value)
        if isinstance(value, dict):
            return "；".join(f"{name}：{words(each)}" for name, each in value.items())
        return "—" if value is None or value == "" else str(value)

    return [(DETAILS.get(name, name), words(value)) for name, value in detail.items()]
