from tests.builders import World
from tests.pages import Browser
def test_nul(world: World, visitor: Browser, staff: Browser, office: Browser):
    visitor.may_fail = staff.may_fail = office.may_fail = True
    visitor.get("/sign-in"); print("signin", visitor.submit("登录", username="a\x00b", password="x").status)
    staff.get("/feedback"); print("feedback", staff.submit("送出", text="a\x00b").status)
    r = world.report("water", "2026Q3").id
    office.get(f"/reports/{r}"); print("reason", office.submit("退回", reason="a\x00b").status)
    print("list", office.get("/reports/", query_string={"q": "a\x00"}).status, office.get("/quarters/2026Q3", query_string={"q": "\x00"}).status)
