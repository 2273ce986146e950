"""The permission table itself: the posts, the permissions, how far each role reaches with each."""

from __future__ import annotations

from .labels import Labelled


class Role(Labelled):
    """The posts of the system. 党建“三员” and the three administrators are different things."""

    STAFF = "staff", "干部职工"
    LIAISON = "liaison", "党建联络员"
    SECRETARY = "secretary", "党支部书记"
    INSTRUCTOR = "instructor", "党建指导员"
    SUPERVISOR = "supervisor", "党建督导员"
    JUDGE = "judge", "评委"
    CLERK = "clerk", "推荐单位经办"
    DISCIPLINE = "discipline", "纪检"
    OFFICE = "office", "机关党委经办"
    SECOND = "second", "复核人"
    POLL_WATCHER = "poll_watcher", "监票人"
    VOTE_COUNTER = "vote_counter", "计票人"
    LEADER = "leader", "厅党组"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDITOR = "auditor", "审计管理员"


BRANCH_ROLES = frozenset({Role.LIAISON, Role.SECRETARY, Role.INSTRUCTOR, Role.SUPERVISOR})
"""Roles whose grant names one branch; a person linked to several holds one grant for each."""

UNIT_ROLES = frozenset({Role.CLERK})
"""Roles whose grant names one unit."""

INSTALL_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
"""The three administrators (系统三类管理员): of the installation, not of an organiser; mutually exclusive."""


class Scope(Labelled):
    """How far a role reaches with a permission."""

    SELF = "self", "本人"
    BRANCH = "branch", "任职或联系的支部"
    UNIT = "unit", "本单位"
    ORGANISER = "organiser", "本主办党组织"
    STANDING_IN = "standing_in", "经办人本人所在支部"
    INSTALL = "install", "全系统"


class Permission(Labelled):
    """What can be done; the value is the code word in audit events, the label what the docs show."""

    USE_SYSTEM = "use_system", "使用首页与个人设置"
    END_OWN_SESSION = "end_own_session", "退出登录、切换大字版"
    READ_FEEDBACK = "read_feedback", "看意见建议"
    READ_MESSAGES = "read_messages", "看自己的消息"
    REMIND = "remind", "催办"
    READ_ORGANISATION = "read_organisation", "看单位和党组织"
    READ_RULES = "read_rules", "看规则和工作日"
    ENTER_DAYS = "enter_days", "登记放假和调休"
    CHANGE_RULE = "change_rule", "改规则的数值"
    SETTLE_QUESTIONS = "settle_questions", "回答和确认待定事项"
    READ_POLL = "read_poll", "看测评票决"
    RUN_POLL = "run_poll", "组织测评票决"
    WATCH_POLL = "watch_poll", "监票"
    COUNT_PAPER = "count_paper", "计票（录入纸质票）"
    VOTE = "vote", "用自己的账号投票"
    READ_REPORT = "read_report", "看季度报告"
    WRITE_REPORT = "write_report", "写季度报告"
    SUBMIT_REPORT = "submit_report", "提交季度报告"
    REVIEW_REPORT = "review_report", "审阅季度报告（采用、退回）"
    REOPEN_REPORT = "reopen_report", "重新打开已采用的报告"
    READ_FILE = "read_file", "看附件"
    ATTACH_FILE = "attach_file", "增减附件"
    READ_QUARTER = "read_quarter", "看一个季度各支部的报告情况"
    EXPORT_QUARTER = "export_quarter", "导出一个季度的报告情况"
    CONFIRM_STEP = "confirm_step", "核对登记的决定"
    READ_PAPER = "read_paper", "看代录"
    PRINT_PAPER = "print_paper", "打印带编码的表"
    TRANSCRIBE = "transcribe", "代录签了字的纸质表"
    COMPARE_PAPER = "compare_paper", "复核代录"
    READ_STANDARDS = "read_standards", "看评定标准"
    READ_STARS = "read_stars", "看公布的星级和试点"
    RUN_PILOTS = "run_pilots", "确定和结束试点"
    READ_RATINGS = "read_ratings", "看星级评定进到哪一步"
    RUN_RATING = "run_rating", "组织星级评定"
    READ_TRIALS = "read_trials", "看评分期间的试算"
    CONFIRM_TRIAL = "confirm_trial", "核准评分期间的试算"
    READ_RATED_BRANCHES = "read_rated_branches", "看各支部核定和评分的进展"
    VERIFY_BRANCH = "verify_branch", "核定支部的分值"
    RECORD_ENTRY = "record_entry", "登记加分、减分和不得评定情形"
    SELF_ASSESS = "self_assess", "写支部自述"
    MARK = "mark", "填评分表"
    READ_STANDINGS = "read_standings", "看各支部的评定结果"
    READ_RESULT = "read_result", "看支部自己的评定结果"
    READ_CALL = "read_call", "看先进典型的推荐通知"
    WRITE_CALL = "write_call", "起草和发出推荐通知"
    SUGGEST = "suggest", "推荐一位同事或一个集体（群众推荐）"
    TRACK_SUGGESTION = "track_suggestion", "看自己的推荐走到哪一步、撤回"
    READ_RECOMMENDATION = "read_recommendation", "看单位推荐（组织推荐）"
    RECOMMEND = "recommend", "写和报送单位推荐"
    READ_SELECTION = "read_selection", "看候选对象和评选经过"
    READ_GROUND = "read_ground", "看未列入的内部说明"
    EXPORT_SELECTION = "export_selection", "导出候选对象汇总表"
    REVIEW_ENTRY = "review_entry", "审查候选对象"
    REGISTER_SELECTION = "register_selection", "登记选树的意见、公示和决定"
    PUBLISH_HONOURS = "publish_honours", "公布选树结果"
    READ_HONOUR = "read_honour", "看先进典型"
    READ_SIGN_INS = "read_sign_ins", "看账号是否设了密码"
    ISSUE_SLIP = "issue_slip", "打印首次登录和重设密码的登录条"
    END_SESSIONS = "end_sessions", "结束别人的登录"
    ASK_FACTOR_RESET = "ask_factor_reset", "申请解除别人的两步登录"
    RESET_FACTOR = "reset_factor", "核准解除别人的两步登录"
    PRINT_JUDGE_SLIPS = "print_judge_slips", "打印评委当天的评分登录条"
    READ_PEOPLE = "read_people", "看人员和任职"
    MANAGE_PEOPLE = "manage_people", "建立、修改和停用账号"
    GRANT_POST = "grant_post", "任职和免职"
    READ_UNUSED_ACCOUNTS = "read_unused_accounts", "看长期没有使用的账号"
    EDIT_ORGANISATION = "edit_organisation", "修改单位和党组织"
    IMPORT_DATA = "import_data", "导入和导出基础数据"
    READ_AUDIT = "read_audit", "看审计日志"
    READ_SUPERVISION = "read_supervision", "看监督页"


_EVERYONE = {Role.STAFF: Scope.ORGANISER}
_LOOK_ON = {
    Role.OFFICE: Scope.ORGANISER,
    Role.SECOND: Scope.ORGANISER,
    Role.DISCIPLINE: Scope.ORGANISER,
    Role.LEADER: Scope.ORGANISER,
}
_READS_REPORTS = {
    Role.LIAISON: Scope.BRANCH,
    Role.SECRETARY: Scope.BRANCH,
    Role.INSTRUCTOR: Scope.BRANCH,
    Role.SUPERVISOR: Scope.BRANCH,
    Role.OFFICE: Scope.ORGANISER,
    Role.SECOND: Scope.STANDING_IN,
    Role.LEADER: Scope.ORGANISER,
}
_WRITES_REPORTS = {Role.LIAISON: Scope.BRANCH, Role.SECRETARY: Scope.BRANCH}

TABLE: dict[Permission, dict[Role, Scope]] = {
    Permission.USE_SYSTEM: {Role.STAFF: Scope.SELF},
    Permission.END_OWN_SESSION: {Role.STAFF: Scope.SELF, Role.JUDGE: Scope.SELF},
    Permission.READ_FEEDBACK: {Role.OFFICE: Scope.ORGANISER},
    Permission.READ_MESSAGES: {Role.STAFF: Scope.SELF},
    Permission.REMIND: {Role.OFFICE: Scope.ORGANISER},
    Permission.READ_ORGANISATION: {
        **_EVERYONE,
        Role.SYSTEM_ADMIN: Scope.INSTALL,
        Role.SECURITY_ADMIN: Scope.INSTALL,
    },
    Permission.READ_RULES: {**_EVERYONE, Role.SECURITY_ADMIN: Scope.INSTALL, Role.AUDITOR: Scope.INSTALL},
    Permission.ENTER_DAYS: {Role.OFFICE: Scope.ORGANISER},
    Permission.CHANGE_RULE: {Role.OFFICE: Scope.ORGANISER},
    Permission.SETTLE_QUESTIONS: {Role.OFFICE: Scope.ORGANISER},
    Permission.READ_REPORT: _READS_REPORTS,
    Permission.WRITE_REPORT: _WRITES_REPORTS,
    Permission.READ_POLL: {Role.OFFICE: Scope.ORGANISER, Role.POLL_WATCHER: Scope.SELF, Role.VOTE_COUNTER: Scope.SELF},
    Permission.RUN_POLL: {Role.OFFICE: Scope.ORGANISER},
    Permission.WATCH_POLL: {Role.POLL_WATCHER: Scope.SELF},
    Permission.COUNT_PAPER: {Role.VOTE_COUNTER: Scope.SELF},
    Permission.VOTE: {Role.STAFF: Scope.SELF},
    Permission.SUBMIT_REPORT: {Role.SECRETARY: Scope.BRANCH},
    Permission.REVIEW_REPORT: {Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.STANDING_IN},
    Permission.REOPEN_REPORT: {Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.STANDING_IN},
    # As far as any owner of attachments reaches; the owner's own rights are asked as well (files.rules.OwnerKind).
    Permission.READ_FILE: {**_READS_REPORTS, Role.SECOND: Scope.ORGANISER},
    Permission.ATTACH_FILE: {**_WRITES_REPORTS, Role.OFFICE: Scope.ORGANISER},
    Permission.READ_QUARTER: {
        Role.OFFICE: Scope.ORGANISER,
        Role.SECOND: Scope.STANDING_IN,
        Role.LEADER: Scope.ORGANISER,
    },
    Permission.EXPORT_QUARTER: {Role.OFFICE: Scope.ORGANISER},
    Permission.CONFIRM_STEP: {Role.SECOND: Scope.ORGANISER},
    Permission.READ_PAPER: {Role.LIAISON: Scope.BRANCH, Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.ORGANISER},
    Permission.PRINT_PAPER: {**_WRITES_REPORTS, Role.OFFICE: Scope.ORGANISER},
    Permission.TRANSCRIBE: {Role.LIAISON: Scope.BRANCH, Role.OFFICE: Scope.ORGANISER},
    Permission.COMPARE_PAPER: {Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.ORGANISER},
    Permission.READ_STANDARDS: _EVERYONE,
    Permission.READ_STARS: _EVERYONE,
    Permission.RUN_PILOTS: {Role.OFFICE: Scope.ORGANISER},
    Permission.READ_RATINGS: _EVERYONE,
    Permission.RUN_RATING: {Role.OFFICE: Scope.ORGANISER},
    Permission.READ_TRIALS: {Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.ORGANISER},
    Permission.CONFIRM_TRIAL: {Role.SECOND: Scope.ORGANISER},
    Permission.READ_RATED_BRANCHES: {Role.OFFICE: Scope.ORGANISER, Role.SUPERVISOR: Scope.BRANCH},
    Permission.VERIFY_BRANCH: {Role.SUPERVISOR: Scope.BRANCH},
    Permission.RECORD_ENTRY: {Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.STANDING_IN},
    Permission.SELF_ASSESS: {Role.SECRETARY: Scope.BRANCH, Role.LIAISON: Scope.BRANCH},
    Permission.MARK: {Role.JUDGE: Scope.SELF},
    Permission.READ_STANDINGS: {Role.OFFICE: Scope.ORGANISER, Role.LEADER: Scope.ORGANISER},
    Permission.READ_RESULT: {
        Role.LIAISON: Scope.BRANCH,
        Role.SECRETARY: Scope.BRANCH,
        Role.INSTRUCTOR: Scope.BRANCH,
        Role.SUPERVISOR: Scope.BRANCH,
        Role.OFFICE: Scope.ORGANISER,
        Role.LEADER: Scope.ORGANISER,
    },
    Permission.READ_CALL: {**_EVERYONE, Role.CLERK: Scope.ORGANISER},
    Permission.WRITE_CALL: {Role.OFFICE: Scope.ORGANISER},
    Permission.SUGGEST: _EVERYONE,
    Permission.TRACK_SUGGESTION: {Role.STAFF: Scope.SELF},
    Permission.READ_RECOMMENDATION: {Role.CLERK: Scope.UNIT, **_LOOK_ON},
    Permission.RECOMMEND: {Role.CLERK: Scope.UNIT},
    Permission.READ_SELECTION: _LOOK_ON,
    Permission.READ_GROUND: {
        Role.OFFICE: Scope.ORGANISER,
        Role.SECOND: Scope.ORGANISER,
        Role.DISCIPLINE: Scope.ORGANISER,
    },
    Permission.EXPORT_SELECTION: {Role.OFFICE: Scope.ORGANISER, Role.DISCIPLINE: Scope.ORGANISER},
    Permission.REVIEW_ENTRY: {Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.ORGANISER},
    Permission.REGISTER_SELECTION: {Role.OFFICE: Scope.ORGANISER},
    Permission.PUBLISH_HONOURS: {Role.OFFICE: Scope.ORGANISER},
    Permission.READ_HONOUR: {**_EVERYONE, Role.CLERK: Scope.ORGANISER},
    Permission.READ_SIGN_INS: {
        Role.OFFICE: Scope.ORGANISER,
        Role.SYSTEM_ADMIN: Scope.INSTALL,
        Role.SECURITY_ADMIN: Scope.INSTALL,
    },
    Permission.READ_PEOPLE: {
        Role.OFFICE: Scope.ORGANISER,
        Role.SYSTEM_ADMIN: Scope.INSTALL,
        Role.SECURITY_ADMIN: Scope.INSTALL,
    },
    Permission.ISSUE_SLIP: {Role.OFFICE: Scope.ORGANISER, Role.SYSTEM_ADMIN: Scope.INSTALL},
    Permission.END_SESSIONS: {Role.SYSTEM_ADMIN: Scope.INSTALL},
    Permission.ASK_FACTOR_RESET: {Role.SYSTEM_ADMIN: Scope.INSTALL},
    Permission.RESET_FACTOR: {Role.SECURITY_ADMIN: Scope.INSTALL},
    Permission.PRINT_JUDGE_SLIPS: {Role.OFFICE: Scope.ORGANISER},
    Permission.MANAGE_PEOPLE: {Role.OFFICE: Scope.ORGANISER, Role.SYSTEM_ADMIN: Scope.INSTALL},
    # Which posts each of them gives stands in accounts.rules.GIVES.
    Permission.GRANT_POST: {Role.OFFICE: Scope.ORGANISER, Role.SECURITY_ADMIN: Scope.INSTALL},
    Permission.READ_UNUSED_ACCOUNTS: {Role.SECURITY_ADMIN: Scope.INSTALL},
    Permission.EDIT_ORGANISATION: {Role.OFFICE: Scope.ORGANISER},
    Permission.IMPORT_DATA: {Role.OFFICE: Scope.ORGANISER, Role.SYSTEM_ADMIN: Scope.INSTALL},
    Permission.READ_AUDIT: {Role.AUDITOR: Scope.INSTALL},
    Permission.READ_SUPERVISION: {
        Role.DISCIPLINE: Scope.ORGANISER,
        Role.OFFICE: Scope.ORGANISER,
        Role.LEADER: Scope.ORGANISER,
        Role.AUDITOR: Scope.INSTALL,
    },
}

NOT_ON_OWN_BRANCH = frozenset(
    {
        *(Permission.REVIEW_REPORT, Permission.REOPEN_REPORT, Permission.VERIFY_BRANCH, Permission.RECORD_ENTRY),
        Permission.COMPARE_PAPER,
    }
)
"""Verbs nobody takes on the branch he belongs to: the second hand (复核人) takes them there."""

NOT_ON_OWN_UNIT = frozenset({Permission.REVIEW_ENTRY})
"""Verbs nobody takes on what the unit he belongs to has put forward: another one who holds them does."""
