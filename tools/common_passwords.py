"""Writes tiejun_awards/accounts/common_passwords.txt: words and passwords anybody would try first, one a line, in lower case.

Nobody's breach is copied: the English words and the passwords are those that every published list of the most used ones is headed by,
written down from general knowledge; the Chinese part is made from pinyin surnames, given-name syllables, endearments and lucky
numbers. What follows a rule (rows of the keyboard, repetitions, years) is worked out by password_rules instead and not listed.
"""

from __future__ import annotations

from pathlib import Path

OUT = Path(__file__).parent.parent / "tiejun_awards" / "accounts" / "common_passwords.txt"

TOP = """
123456 password 12345678 qwerty 123456789 12345 1234 111111 1234567 dragon 123123 baseball abc123 football monkey letmein 696969
shadow master 666666 qwertyuiop 123321 mustang 1234567890 michael 654321 superman 1qaz2wsx 7777777 121212 000000 qazwsx 123qwe
killer trustno1 jordan jennifer zxcvbnm asdfgh hunter buster soccer harley batman andrew tigger sunshine iloveyou charlie robert
thomas hockey ranger daniel starwars klaster 112233 george computer michelle jessica pepper 1111 zxcvbn 555555 11111111 131313
freedom 777777 pass maggie 159753 aaaaaa ginger princess joshua cheese amanda summer love ashley nicole chelsea biteme matthew
access yankees 987654321 dallas austin thunder taylor matrix mobilemail monitor monitoring montana moon moscow welcome admin root
administrator guest test tester testing demo user users default system manager operator login logon secret changeme temp temporary
oracle mysql postgres server windows linux office word excel internet network service support backup security passw0rd p@ssword
p@ssw0rd passwd pass123 admin123 root123 test123 qwe123 asd123 zxc123 abc12345 a123456 a12345678 aa123456 123456a 123456aa 1q2w3e
1q2w3e4r 1q2w3e4r5t q1w2e3 q1w2e3r4 qweasd qweasdzxc zaq12wsx xsw21qaz 147258 147258369 159357 741852963 963852741 789456123 789456
456789 147896325 123654 123654789 321654987 102030 010203 100200 112211 121314 123000 123789 135790 13579 246810 2468 24680 147852
5201314 520520 1314520 1314 521521 520 521 666888 888888 88888888 888666 168168 518518 1688 16888 6666 8888 9999 999999 99999999
0000 00000000 2222 222222 3333 333333 4444 444444 5555 7777 101010 123abc abcd1234 abcdef abcdefg asdf asdfghjkl asdf1234 qwer
qwer1234 qwert qwerty123 qwerty1 zxcv zxcv1234 iloveu loveyou lovely forever family friend friends happy angel baby blessed jesus
christ god heaven hello hello123 helloworld world peace flower purple orange yellow silver golden diamond banana apple cookie
chocolate coffee butter sweet candy sugar honey lucky magic star stars sky ocean river mountain forest green blue black white red
spring autumn winter january february march april may june july august september october november december monday tuesday wednesday
thursday friday saturday sunday morning evening night today tomorrow china beijing shanghai chinese google baidu tencent alibaba
taobao weixin wechat weibo huawei xiaomi lenovo samsung iphone android microsoft facebook twitter youtube linkedin adobe photoshop
pokemon naruto anime gamer gaming player minecraft warcraft starcraft counter strike legend hero king queen prince knight wizard
phoenix tiger lion eagle wolf bear panda rabbit horse snake monkey1 rooster sheep puppy kitty doggie kitten spider falcon hawk
michael1 jordan23 liverpool arsenal barcelona realmadrid juventus chelsea1 manchester united basketball tennis golf swimming
guitar music piano rock metal jazz dance singer movie camera canon nikon sony ferrari porsche mercedes toyota honda nissan
mustang1 corvette ford chevy bmw audi volkswagen boeing airbus captain pilot soldier marine army navy police doctor nurse teacher
student school college university class teacher1 business company money dollar cash bank account credit gold rich
"""

PINYIN = """
wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng yu dong xiao
cheng cao yuan deng fu shen zeng peng lv su lu jiang cai jia ding wei xue ye yan pan du dai xia zhong tian ren fan fang shi yao tan
liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan duan qian yin chang qiao lai gong wen
"""

GIVEN = """
wei fang na min jing li qiang lei jun yang yong yan jie juan tao ming chao xiuying xia ping gang guiying hua hong bin bo hui xin
ting ying dan peng fei kai hao chen yu ning jian guo dong mei lan xue qing yun feng long liang hai rong cheng
"""

CHINESE = """
woaini woaini1314 woaini520 woaini521 woaini123 iloveyou1314 aini1314 aini520 wodemima mima mima123 mimamima woshishui wozhidao
nihao nihao123 nihaoma zhongguo zhongguoren beijing shanghai guangzhou shenzhen tianjin chongqing xian yinchuan wuzhong guyuan
zhongwei shizuishan helan huanghe hebei henan shandong shanxi gansu qinghai sichuan yunnan guizhou hunan hubei jiangsu zhejiang
fujian guangdong guangxi hainan dongbei xinjiang xizang neimenggu laopo laogong baobao baobei qinaide xingfu kuaile jiankang pingan
fugui facai gongxi fuqi ruyi jixiang meili piaoliang pengyou tongxue laoshi xuesheng lingdao shuji chuzhang juzhang tingzhang
keyuan keji bangong bangongshi dangwei jiguan zhibu dangyuan tuanyuan gongwu gongwuyuan zhengfu renmin fuwu weiren wei renminfuwu
huanjing baohu huanbao shengtai lvse lvshui qingshan jinshan yinshan meilizhongguo bulaochuxin laojishiming chuxin shiming hongqi
changcheng changjiang huangshan taishan tiananmen gugong aiguo zuguo qiangguo fuxing zhonghua minzu wanghu yonghu guanli guanliyuan
ceshi shiyan yanshi xitong wangluo diannao shouji dianhua youxiang mimi anquan
密码 我爱你 我爱中国 中国 你好 管理员 测试 演示 用户 系统 领导 书记 办公室 机关党委 党支部 生态 环境 环保 铁军 绿水青山 金山银山
不忘初心 牢记使命 为人民服务 人民 新时代 中国共产党 共产党 宁夏 银川 一二三四五六 一二三四五六七八
"""

TAILS = ("1", "12", "123", "1234", "12345", "123456", "520", "521", "1314", "666", "888", "168", "a", "aa", "abc")


def words() -> set[str]:
    """All entries."""
    found = set(TOP.split()) | set(CHINESE.split()) | set(PINYIN.split()) | set(GIVEN.split())
    for family in PINYIN.split():
        found |= {family + tail for tail in TAILS}
    for family in PINYIN.split()[:48]:
        found |= {family + given for given in GIVEN.split()}
    for base in (
        "admin",
        "root",
        "test",
        "password",
        "qwerty",
        "qwe",
        "asd",
        "abc",
        "aa",
        "a",
        "woaini",
        "love",
        "welcome",
    ):
        found |= {base + tail for tail in TAILS} | {tail + base for tail in TAILS}
        found |= {f"{base}{year}" for year in range(2015, 2031)} | {f"{base}@{tail}" for tail in TAILS}
    return {word.casefold() for word in found if len(word) >= 3 or not word.isascii()}


if __name__ == "__main__":
    OUT.write_text("".join(f"{word}\n" for word in sorted(words())), "utf-8")
