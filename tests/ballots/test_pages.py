"""The pages of polls: the whole life through the browser, and what is said beside fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import builders
from tests.ballots import polls
from tests.ballots.polls import PASSPHRASES, begun, close, open_box, plan, ready
from tests.builders import NOW, World, count, rows_of
from tests.conftest import SignIn
from tests.pages import Browser, said
from tiejun_awards.ballots import booth
from tiejun_awards.ballots.models import PaperCount, Poll
from tiejun_awards.ballots.questions import WHOLE, Kind, Mark, Question
from tiejun_awards.ballots.rules import State
from tiejun_awards.ballots.sealing import KeyMode
from tiejun_awards.ballots.services import Ways
from tiejun_awards.shared import clock

YES, NO = Mark.YES, Mark.NO
TYPED = {**polls.TYPED_PLAN, "ways": ["slip"]}


def confirm(browser: Browser, path: str) -> None:
    """Open a page that asks for the password again, and give it."""
    browser.get(path)
    browser.submit("确认身份", password=builders.PASSWORD)


def test_the_whole_life_of_a_poll_by_slips(world: World, office: Browser, sign_in: SignIn, visitor: Browser):
    polls.person(world, "watcher_b")
    office.get("/ballots/")
    office.click("组织一次投票")
    page = office.submit("存好", TYPED)
    where = page.path
    assert page.alerts[0] == "已存好。还差的几项列在下面，齐了就能开始投票。"
    office.click("定监票人、计票人")
    people = {name: str(polls.person(world, name).id) for name in PASSPHRASES}
    office.submit("存好", watcher_1=people["poll_watcher"], watcher_2=people["watcher_b"])
    watchers = {name: sign_in(name) for name in PASSPHRASES}
    for name, browser in watchers.items():
        confirm(browser, f"{where}/key")
        page = browser.submit("设好口令", passphrase=PASSPHRASES[name], again=PASSPHRASES[name])
        assert page.alerts[0] == "开箱口令已设好。请记牢，系统里没有备份。"
    office.get(where)
    sheet = office.submit("印测评码", number="6")
    codes = [said(code) for code in sheet.all("//ol[contains(@class, 'slips')]//span[@class='code']")]
    office.get(where)
    office.submit("开始投票")

    for number, code in enumerate(codes[:5]):
        visitor.get("/v")
        visitor.submit("打开选票", code=code.lower())
        page = visitor.submit("投出", s0="1", s1="1" if number else "2")
        assert page.h1 == "已投出"
    office.get(where)
    office.submit("截止投票", slips_issued="5")
    first, second = watchers.values()
    first.get(f"{where}/open")
    page = first.submit("确认开箱", passphrase=PASSPHRASES["poll_watcher"])
    assert page.alerts[0] == "您已确认。请另一位监票人在 30 分钟内登录开箱。"
    second.get(f"{where}/open")
    page = second.submit("开箱计票", passphrase="不是这个口令不是这个")
    assert page.errors == {"passphrase": "开箱口令不对，请再输一次。"}
    result = second.submit("开箱计票", passphrase=PASSPHRASES["watcher_b"])

    assert result.rows(0) == [["10", "5", "5", "5", "5", "0"]]
    assert result.rows(1) == [["甲支部", "5", "0", "0", "6", "未过线"], ["乙支部", "4", "1", "0", "6", "未过线"]]
    assert "到会须 5 人，实到 5 人，符合规定。" in result.main
    assert "没有人通过。" in result.main
    again = visitor.get(f"/v/{codes[0]}")
    assert again.alerts == ["这个测评码已经投过票了，一码一票。"]


def test_a_voter_is_asked_at_home_and_only_until_the_vote_is_cast(world: World, sign_in: SignIn):
    begun(world)
    voter = sign_in("voter0")

    home = voter.get("/")
    ballot = voter.click("去投票")
    receipt = voter.submit("投出", s0="1", s1="3")

    assert "投票：先进党支部推荐票决" in home.main
    assert (ballot.h1, receipt.alerts) == ("先进党支部推荐票决", ["您的一票已经封进票箱。"])
    assert "先进党支部推荐票决" not in voter.get("/").main
    assert voter.get(ballot.path).alerts == ["您已经投过票了，每人一票；回执号只在投出时显示一次。"]


def test_what_is_wrong_with_a_ballot_is_said_at_its_item_and_what_was_chosen_is_kept(world: World, visitor: Browser):
    question = Question(Kind.CHOOSE, ("甲", "乙", "丙"), most=1)
    made = begun(world, plan(question=question, ways=Ways(slip=True), key_mode=KeyMode.SERVER))
    visitor.get(f"/v/{made.codes[0]}")

    page = visitor.submit("投出", s0="5", s1="5")

    assert (page.status, page.errors) == (422, {WHOLE: "至多选 1 个，现在选了 2 个，请去掉 1 个。"})
    assert page.values == {"s0": "5", "s1": "5", "s2": "6", WHOLE: "c"}
    assert visitor.submit("投出", s1="6").h1 == "已投出"


def test_a_recused_voters_ballot_has_no_such_candidate(world: World, office: Browser, sign_in: SignIn):
    made = ready(world, plan(ways=Ways(account=True), key_mode=KeyMode.SERVER))
    office.get(f"/ballots/{made.poll_id}/voters")
    office.submit("存名单", recused="voter0 大气环境处党支部")
    office.submit("开始投票")
    voter = sign_in("voter0")

    page = voter.get(f"/ballots/{made.poll_id}/vote")

    assert page.alerts == ["您须回避：大气环境处党支部。这张票上没有这一项。"]
    assert [said(legend) for legend in page.all("//legend")] == ["水生态环境处党支部"]
    assert voter.submit("投出", s0="1").h1 == "已投出"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "请输入票上的 8 位测评码。"),
        ("ABC", "测评码是 8 位字母和数字，请照票上的再输一次。"),
        ("AAAA-AAAA", "没有这个测评码。请照票上的 8 位再输一次，不分大小写。"),
    ],
)
def test_a_wrong_code_is_said_beside_its_field(world: World, visitor: Browser, code: str, sentence: str):
    booth.guesses.forget()
    visitor.get("/v")

    page = visitor.submit("打开选票", code=code)

    assert (page.status, page.errors) == (422, {"code": sentence})


def test_guessing_codes_is_stopped_and_goes_on_after_ten_minutes(world: World, visitor: Browser):
    booth.guesses.forget()
    made = begun(world)
    for _ in range(booth.Guesses.MOST):
        assert visitor.send("GET", "/v/AAAAAAAA").status == 404

    stopped = visitor.get(f"/v/{made.codes[0]}")
    with clock.stopped_at(NOW + timedelta(minutes=10)):
        again = visitor.get(f"/v/{made.codes[0]}")

    booth.guesses.forget()
    assert (stopped.status, again.status) == (429, 200)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"title": "", "source": ""}, {"title": "请写名称。", "source": "请写按哪份文件、哪一条。"}),
        ({"subjects": "甲\n甲"}, {"subjects": "甲写了两次。"}),
        ({"kind": "choose"}, {"most": "请写至多选几个。"}),
        ({"kind": "choose", "most": "三"}, {"most": "请写整数。"}),
        ({"ways": []}, {"ways": "请至少选一种投法。"}),
        ({"expected": "好多"}, {"expected": "请写整数。"}),
        ({"opens_at": "明天"}, {"opens_at": "请写成 2026-11-25 9:00 这样，日期在前、时间在后。"}),
        ({"closes_at": "2026-11-22 9:00"}, {"closes_at": "截止要晚于开始。"}),
        ({"groups": "委员 40"}, {"groups": "“委员 40”读不懂，请写成：机关党委委员 40% 12人。"}),
        ({"groups": "委员 40% 12人"}, {"groups": "权重加起来应当是 100%，现在是 40%。"}),
        ({"groups": "委员 40% 1人\n代表 60% 2"}, {"groups": "全部投票人不足 5 人，无记名投票保不住秘密，不能进行。"}),
    ],
)
def test_what_will_not_do_is_said_beside_its_field_and_nothing_typed_is_lost(
    world: World, office: Browser, typed: dict[str, object], wrong: dict[str, str]
):
    office.get("/ballots/new")

    page = office.submit("存好", {**TYPED, **typed})

    expected = {name: sentence for name, sentence in wrong.items() if name != "ways"}
    assert (page.status, page.errors, count(Poll)) == (422, expected, 0)
    assert all(sentence in page.main for sentence in wrong.values())
    assert page.values["subjects"] == str(typed.get("subjects", TYPED["subjects"])).replace("\n", "\r\n")


def test_the_office_is_told_which_groups_were_merged(world: World, office: Browser):
    office.get("/ballots/new")

    page = office.submit("存好", {**TYPED, "groups": "委员 40% 3人\n书记 30% 12人\n代表 30% 30人"})

    assert page.alerts[1] == "委员只有 3 人，不足 5 人，并入书记，权重相加为 70%。"
    assert page.h1 == "推荐票决（委员、书记）"


@pytest.mark.parametrize("name", ["kind", "attendance", "base", "key_mode", "ways"])
def test_what_was_not_offered_is_refused_in_chinese(world: World, office: Browser, name: str):
    office.get("/ballots/new")

    page = office.post("/ballots/new", {**TYPED, "ways": "slip", name: "forged"}, csrf=True)

    assert (page.status, "请从列出的里面选。" in page.main, count(Poll)) == (422, True, 0)


def test_two_who_change_a_draft_at_once_are_told_and_nothing_typed_is_lost(
    world: World, office: Browser, sign_in: SignIn
):
    poll = ready(world).poll_id
    other = sign_in("office")
    office.get(f"/ballots/{poll}/change")
    other.get(f"/ballots/{poll}/change")
    other.submit("存好", title="先存的名称")

    page = office.submit("存好", title="后存的名称")

    assert (page.status, page.values["title"]) == (409, "后存的名称")
    assert "有人先存了一稿" in page.main
    assert office.submit("存好").h1 == "后存的名称"


def test_paper_is_counted_by_two_and_differences_are_told_without_numbers(world: World, sign_in: SignIn):
    made = begun(world, plan(ways=Ways(account=True, paper=True), key_mode=KeyMode.SERVER))
    for name in made.voters:
        made.vote(name, (YES, NO))
    close(made)
    one, other = sign_in("vote_counter"), sign_in("counter_b")
    where = f"/ballots/{made.poll_id}/paper"
    right = {"issued": "3", "returned": "3", "invalid": "1", "s0:1": "2", "s1:2": "2"}

    one.get(where)
    page = one.submit("录好了", {**right, "s1:2": "1"})
    assert page.errors == {"s1:1": "这一行加起来是 1，应当等于有效票 2。"}
    assert one.submit("录好了", right).alerts[0] == "已录好。等另一位计票人录入。"
    other.get(where)
    page = other.submit("录好了", {**right, "s0:1": "1", "s0:2": "1"})
    assert page.alerts[0] == "两份录入不一致，请两位对照票面各自再数一遍。"
    assert other.get(where).alerts == ["有 2 处和另一位录的不一样，请对照票面再数一遍。"]
    page = other.submit("录好了", right)

    assert page.alerts[0] == "已录好。两份一致。"
    assert [row[0]["returned"] for row in rows_of(PaperCount, "numbers", order_by="person_id")] == [3, 3]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"issued": "2", "returned": "3"}, "收回多于发出，按规定本轮无效。请再数一遍；确实如此，请机关党委作废重投。"),
        ({"issued": "3", "returned": "1", "invalid": "2"}, "废票多于收回的票。"),
        ({"issued": "两"}, "请写整数。"),
    ],
)
def test_a_paper_count_that_cannot_be_is_said(world: World, sign_in: SignIn, typed: dict[str, str], wrong: str):
    made = begun(world, plan(ways=Ways(account=True, paper=True), key_mode=KeyMode.SERVER))
    for name in made.voters[:5]:
        made.vote(name, (YES, NO))
    close(made)
    counter = sign_in("vote_counter")
    counter.get(f"/ballots/{made.poll_id}/paper")

    page = counter.submit("录好了", typed)

    assert (page.status, list(page.errors.values()), count(PaperCount)) == (422, [wrong], 0)


def test_the_result_of_a_server_held_key_says_so_and_a_tie_offers_a_second_vote(world: World, office: Browser):
    rule = replace(polls.RULE, seats=1)
    made = begun(world, plan(rule=rule, ways=Ways(account=True), key_mode=KeyMode.SERVER))
    for name in made.voters:
        made.vote(name, (YES, YES))
    close(made)
    open_box(made)

    page = office.get(f"/ballots/{made.poll_id}/result")

    assert "开箱钥匙由服务器保管，保密程度低于两位监票人各持口令的方式" in page.main
    assert "水生态环境处党支部、大气环境处党支部得票相同，还有 1 个名额，再次投票决定。" in page.main
    office.click("组织再次投票")
    again = office.submit("备好再次投票", opens_at="2026-11-24 9:00", closes_at="2026-11-24 9:30")
    assert (again.alerts[0], again.h1) == ("再次投票已经备好，核对后开始。", "先进党支部推荐票决（再次投票）")


def test_a_poll_is_made_void_with_a_reason_everyone_reads(world: World, office: Browser, sign_in: SignIn):
    made = begun(world)
    office.get(f"/ballots/{made.poll_id}")
    office.click("作废这次投票")
    missing = office.submit("作废", reason=" ")
    page = office.submit("作废", reason="发票人数有误。")

    assert (missing.errors, made.poll.state) == ({"reason": "请写明为什么作废。"}, State.VOID)
    assert page.alerts[1] == "这次投票已经作废 理由：发票人数有误。。箱里的信封不再打开。"
    assert sign_in("voter0").get(f"/ballots/{made.poll_id}/vote").alerts == ["这次投票已经作废，请听工作人员安排。"]


def test_the_ballots_for_printing_hold_no_mark_of_their_own(world: World, office: Browser):
    made = ready(world)

    page = office.get(f"/ballots/{made.poll_id}/blank")

    assert page.heads == [["对象", "赞成", "反对", "弃权"]]
    assert page.rows() == [["水生态环境处党支部", "", "", ""], ["大气环境处党支部", "", "", ""]]


def test_a_receipt_nobody_counted_is_answered_in_a_sentence(visitor: Browser, world: World):
    page = visitor.get("/v/receipt?tracker=AAAA-AAAA-AAAA-AAAA")

    assert page.alerts == [
        "开过的票箱里没有这个回执号。投票还没有开箱，或者号抄错了一位；开箱以后仍查不到，请告诉监票人或机关纪委。"
    ]
    assert visitor.get("/v/receipt").alerts == []


def test_tellers_find_their_polls_in_the_menu_and_others_have_no_such_word(world: World, sign_in: SignIn):
    ready(world)

    listed = sign_in("watcher_b").get("/ballots/")

    assert [row[0] for row in listed.rows()] == ["先进党支部推荐票决"]
    assert "测评票决" not in sign_in("staff").get("/").links
