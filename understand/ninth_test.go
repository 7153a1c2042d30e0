package understand

import (
	"slices"
	"testing"
	"time"
)

// The ninth set: what a trial with real-looking messages found, and variants of it.

// thursday is the moment at which the trial was held.
var thursday = time.Date(2026, 11, 26, 10, 12, 0, 0, ref.Location())

func TestReach(t *testing.T) {
	for text, person := range map[string]string{
		"闽光电子陈会计电话多少 我想推荐实习": "陈会计", "李雨的微信是多少": "李雨", "王科的电话发我一下": "王科", "能不能给我陈会计的联系方式": "陈会计",
		"谁有恒锐数控的电话": "", "帮我联系一下闽光电子的陈会计": "陈会计", "怎么联系张航": "张航", "想认识一下英芯光电的王总 有联系方式吗": "王总",
		"求个陈会计的手机号": "陈会计", "想加一下李雨的微信": "李雨", "你们电话多少": "",
	} {
		if r := Message(text, thursday, nil); r.Intent != None || !r.Reach || r.Person != person {
			t.Errorf("%s: %s reach %v %q", text, r.Intent, r.Reach, r.Person)
		}
	}
	for _, text := range []string{"帮我联系一家银行 想贷300万", "想认识一些投资人", "帮忙对接一下光子实验室的专家 我们想合作研发 13800001111"} {
		if r := Message(text, thursday, nil); r.Intent != NeedCreate || r.Reach {
			t.Errorf("%s: %s reach %v", text, r.Intent, r.Reach)
		}
	}
}

func TestPolicyQuestion(t *testing.T) {
	for _, text := range []string{"有没有贷款政策", "有没有人才补贴", "有没有高企认定的政策", "有没有人才公寓", "请问有什么稳岗补贴", "人才补贴怎么申请"} {
		if r := Message(text, thursday, nil); r.Intent == NeedCreate && r.Confidence >= Sure || Answer("x", text, thursday)["intent"] != "none" {
			t.Errorf("%s: %s %.2f", text, r.Intent, r.Confidence)
		}
	}
}

func TestParty(t *testing.T) {
	for _, ex := range []struct {
		text   string
		intent Intent
		code   int64
		title  string
		count  int
		more   bool
	}{
		{"我们公司3人参加H1", SignUp, 1, "", 3, false}, {"周五的党课我们来2个", SignUp, 0, "党课", 2, false}, {"带家属一起报名H1 4个人", SignUp, 1, "", 4, false},
		{"H1 报2个", SignUp, 1, "", 2, false}, {"H1报名3人，张三李四王五", SignUp, 1, "", 3, false}, {"我也去", SignUp, 0, "", 0, false},
		{"我们单位2个人报名H1", SignUp, 1, "", 2, false}, {"算我一个", SignUp, 0, "", 1, false}, {"我们加2个人", SignUp, 0, "", 2, true},
		{"H1再加1人", SignUp, 1, "", 1, true}, {"多来一个", SignUp, 0, "", 1, true}, {"我们少来1个人", SignOff, 0, "", 1, false},
		{"+5 光子那个活动", SignUp, 0, "光子", 5, false}, {"不报了", SignOff, 0, "", 0, false}, {"去不了了", SignOff, 0, "", 0, false},
		{"H1不去了，临时有事", SignOff, 1, "", 0, false}, {"我也报名", SignUp, 0, "", 0, false}, {"H3 我们去4个", SignUp, 3, "", 4, false},
		{"英芯光电报3个 H1", SignUp, 1, "", 3, false}, {"少来一个", SignOff, 0, "", 1, false}, {"周五党课加我一个", SignUp, 0, "党课", 1, false},
		{"周五的党课多来一个", SignUp, 0, "党课", 1, true}, {"我们这边3个人去参加周五的党课", SignUp, 0, "党课", 3, false}, {"参加H1，2人", SignUp, 1, "", 2, false},
		{"H1 +2", SignUp, 1, "", 2, false}, {"+3 H1", SignUp, 1, "", 3, false}, {"H1 少2人", SignOff, 1, "", 2, false}, {"我们减1人", SignOff, 0, "", 1, false},
		{"H1 取消2个人", SignOff, 1, "", 2, false}, {"取消 H1 2人", SignOff, 1, "", 2, false}, {"我们再报两个", SignUp, 0, "", 2, true},
		{"帮我报H1 2人", SignUp, 1, "", 2, false}, {"我报H1", SignUp, 1, "", 0, false}, {"H1 我们5个", SignUp, 1, "", 5, false}, {"今天H1来不了", SignOff, 1, "", 0, false},
	} {
		r := Message(ex.text, thursday, nil)
		if r.Intent != ex.intent || r.Target.Number != ex.code || r.Target.Title != ex.title || r.Count != ex.count || r.More != ex.more || r.Confidence < Sure {
			t.Errorf("%s: %s %.2f %+v count %d more %v", ex.text, r.Intent, r.Confidence, r.Target, r.Count, r.More)
		}
	}
	for _, text := range []string{"我们公司来了2个新同事", "昨天去了3个人", "欢迎大家报名技术沙龙", "H1报名的人多吗", "H1再加一场", "活动加两个议题", "我们加了2个人", "再来一个活动"} {
		if r := Message(text, thursday, nil); r.Intent != None {
			t.Errorf("%s: %s", text, r.Intent)
		}
	}
	if r := Message("宣讲再加10个名额", thursday, nil); r.Intent == SignUp {
		t.Errorf("宣讲再加10个名额: %v", r.Intent)
	}
	if r := Message("H1 增加2个名额", thursday, nil); r.Intent == SignUp {
		t.Errorf("%s", r.Intent)
	}
	if r := Message("我们2个人明天过来拜访", thursday, nil); r.Intent == SignUp && r.Confidence >= Sure {
		t.Errorf("%s %.2f", r.Intent, r.Confidence)
	}
}

func TestComplaint(t *testing.T) {
	for _, ex := range []struct {
		text, category string
		sure           bool
	}{
		{"园区路灯坏了好几个月没人修", "其他", true}, {"职工宿舍不够住 想租20间人才公寓", "人才", true}, {"咱们园区门口早上堵车 货车进不来", "物流", true},
		{"货车进园区限行老是堵", "物流", true}, {"融资 流动资金500 银行续不上了", "融资", true}, {"我们公司缺500流动资金 银行续不上了 怎么办", "融资", true},
		{"设备老化 废气检测不过关", "环保", true}, {"停电", "能源", false}, {"车间经常停电", "能源", true}, {"厂区停水两天了", "能源", true},
		{"食堂不够用 职工吃饭难", "其他", true}, {"门口路面坑坑洼洼没人管", "其他", true}, {"电压不稳 设备老跳闸", "能源", true},
		{"货发不出去 快递不进园区", "物流", true}, {"园区停水了怎么办", "能源", true}, {"车间老是跳闸 影响生产", "能源", true},
		{"园区没有公交 员工上下班不方便", "物流", true}, {"厂里污水管堵了", "环保", true}, {"门口大货车乱停没人管", "物流", true}, {"我们仓库不够用", "场地", true},
		{"园区垃圾没人清运", "其他", true}, {"订单太少 开工不足", "销售", false}, {"员工子女入学没着落", "人才", false}, {"恒锐数控缺人", "用工", false},
		{"银行续贷批不下来", "融资", true}, {"污水管网不通 一下雨就积水", "环保", true}, {"希望园区增加充电桩", "其他", true}, {"能不能在园区门口装个红绿灯", "其他", true},
		{"建议增加班车", "物流", true}, {"资金紧张", "融资", false}, {"员工停车难", "其他", false},
	} {
		r := Message(ex.text, thursday, nil)
		if r.Intent != NeedCreate || r.Need.Category != ex.category || r.Confidence >= Sure != ex.sure {
			t.Errorf("%s: %s %.2f %+v", ex.text, r.Intent, r.Confidence, r.Need)
		}
	}
	if n := Message("融资 流动资金500 银行续不上了", thursday, nil).Need; n.Amount != 500 || !n.Unitless {
		t.Errorf("%+v", n)
	}
	for _, text := range []string{
		"昨天停电了", "听说园区要停电", "隔壁厂停电了", "明天停电通知", "路灯修好了", "他们公司缺人", "领导讲话：解决融资难融资贵问题", "市里出台政策缓解用工难",
		"路上堵车了，晚到10分钟", "会议室空调坏了", "今天好难啊", "设备坏了已经修好了", "大家注意，园区北门堵车，请绕行", "明天下午园区停电", "贷款利率太高了",
		"听说恒锐数控招不到人", "这个题目太难了", "上个月园区停水，已恢复",
	} {
		if r := Message(text, thursday, nil); r.Intent != None {
			t.Errorf("%s: %s %.2f", text, r.Intent, r.Confidence)
		}
	}
}

func TestProgress(t *testing.T) {
	for _, ex := range []struct {
		text   string
		intent Intent
		code   int64
	}{
		{"怎么样了", NeedProgress, 0}, {"我那个招工的事办了没", NeedProgress, 0}, {"S1怎么还没人联系我", NeedProgress, 1}, {"催一下S1", NeedProgress, 1},
		{"有进展吗", NeedProgress, 0}, {"我的诉求到哪一步了", NeedProgress, 0}, {"我们的诉求办到哪了", NeedProgress, 0}, {"S3办得咋样", NeedProgress, 3},
		{"S1什么时候能办好", NeedProgress, 1}, {"招工那件事有消息吗", NeedProgress, 0}, {"谁在跟S1", NeedProgress, 1}, {"上次说的贷款的事怎么还没动静", NeedProgress, 0},
		{"我报的诉求有进展没有", NeedProgress, 0}, {"S3由谁负责", NeedProgress, 3},
		{"我报名的活动有哪些", Mine, 0}, {"我报了哪些", Mine, 0}, {"我报名了哪些活动", Mine, 0}, {"我们报名的活动有哪些", Mine, 0},
		{"活动怎么样了", None, 0}, {"周五的活动怎么样", None, 0}, {"我报名的活动几点", None, 0},
	} {
		if r := Message(ex.text, thursday, nil); r.Intent != ex.intent || r.Target.Number != ex.code {
			t.Errorf("%s: %s %+v", ex.text, r.Intent, r.Target)
		}
	}
}

func TestQuestionTarget(t *testing.T) {
	for _, ex := range []struct {
		text, title, day string
		code             int64
	}{
		{"上次那个活动几点来着", "", "", 0}, {"H1在哪里", "", "", 1}, {"H1还有几个名额", "", "", 1}, {"我排第几", "", "", 0}, {"那4号还来不来", "", "12-04", 0},
		{"H1几点开始", "", "", 1}, {"周五的党课在哪", "党课", "11-27", 0}, {"明天的参观还去吗", "参观", "11-27", 0}, {"技术沙龙还有名额吗", "技术沙龙", "", 0},
		{"12月4号的主题党日几点集合", "主题党日", "12-04", 0}, {"党课是哪天", "党课", "", 0}, {"周五的技术沙龙在哪里开", "技术沙龙", "11-27", 0},
	} {
		r := Message(ex.text, thursday, nil)
		day := ""
		if !r.Target.Day.IsZero() {
			day = r.Target.Day.Format("01-02")
		}
		if r.Intent != None || r.Note != NoteQuestion || r.Target.Title != ex.title || day != ex.day || r.Target.Number != ex.code {
			t.Errorf("%s: %s %s %+v", ex.text, r.Intent, r.Note, r.Target)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, ex := range []struct {
		text, title, place string
		capacity           int
	}{
		{"5号楼路演厅限20人", "", "5号楼路演厅", 20}, {"光子实验室有个技术沙龙", "技术沙龙", "光子实验室", 0}, {"党群中心有一个座谈会", "座谈会", "党群中心", 0},
		{"周五下午3点 技术沙龙 地点待定", "技术沙龙", Undecided, 0}, {"技术沙龙 地点未定", "技术沙龙", Undecided, 0}, {"技术沙龙，地点再通知", "技术沙龙", Undecided, 0},
		{"技术沙龙 地点：还没定", "技术沙龙", Undecided, 0}, {"每周三 学习会", "学习会", "", 0}, {"每周三下午3点 支部学习", "支部学习", "", 0},
		{"每周三下午3点 党群中心 支部学习", "支部学习", "党群中心", 0}, {"2:30pm 党课", "党课", "", 0}, {"明天14点心理讲座 党群中心", "心理讲座", "党群中心", 0},
		{"下周五上午九点半想办个技术沙龙在5号楼路演厅大概四五十人", "技术沙龙", "5号楼路演厅", 50},
	} {
		a := Fields(ex.text, thursday, nil).Activities[0]
		if a.Title != ex.title || a.Place != ex.place || a.Capacity != ex.capacity || a.Place != "" == slices.Contains(a.Missing, "place") {
			t.Errorf("%s: %q %q %d %v", ex.text, a.Title, a.Place, a.Capacity, a.Missing)
		}
	}
}

func TestNinthCreate(t *testing.T) {
	runTable(t, ActivityCreate, []example{
		{"登记活动 12月20日上午9点 党课，12月21日上午9点 沙龙，12月22日上午 参观", "t=党课;s=12-20 09:00;m=place||t=沙龙;s=12-21 09:00;m=place||t=参观;date=12-22;part=上午;m=start_time,place"},
		{"明天下午3点党课，后天上午9点参观，都在企业服务中心", "t=党课;s=11-26 15:00;p=企业服务中心||t=参观;s=11-27 09:00;p=企业服务中心"},
		{"周五下午3点沙龙，周六上午9点义诊，均在党群中心", "t=沙龙;s=11-27 15:00;p=党群中心||t=义诊;s=11-28 09:00;p=党群中心"},
		{"周五下午3点沙龙 周六上午9点义诊 地点都是党群中心", "t=沙龙;s=11-27 15:00;p=党群中心||t=义诊;s=11-28 09:00;p=党群中心"},
		{"那个啥我们支部下周三想搞一个主题党日活动就在光子实验室下午三点三四十人", "t=主题党日活动;s=12-02 15:00;p=光子实验室;n=40"},
		{"呃帮我登记一下后天下午两点在党群中心搞个座谈会大概二十来个人", "t=座谈会;s=11-27 14:00;p=党群中心;n=20"},
		{"就是我们下周五上午九点半想办个技术沙龙在5号楼路演厅大概四五十人", "t=技术沙龙;s=12-04 09:30;p=5号楼路演厅;n=50"},
		{"登记活动 周五下午3点 技术沙龙 地点待定", "t=技术沙龙;s=11-27 15:00;m=place"},
		{"登记活动 周五下午3点 技术沙龙 路演厅 十七八个人", "t=技术沙龙;s=11-27 15:00;p=路演厅;n=18"},
	}, 0)
}

func TestHandling(t *testing.T) {
	for _, ex := range []struct {
		text   string
		intent Intent
		code   int64
		value  string // the person, or the outcome
		by     string
	}{
		{"S3 派 王科", NeedAssign, 3, "王科", ""}, {"把S3派给王科", NeedAssign, 3, "王科", ""}, {"派单给王科 S3", NeedAssign, 3, "王科", ""},
		{"S3让张航跟一下", NeedAssign, 3, "张航", ""}, {"S3派给张航 3天内", NeedAssign, 3, "张航", "11-29"}, {"S162 派 社会事务办 刘科 3天内", NeedAssign, 162, "刘科", "11-29"},
		{"S3转给李雨", NeedAssign, 3, "李雨", ""}, {"S3 请张航处理", NeedAssign, 3, "张航", ""}, {"派 S3 给王科", NeedAssign, 3, "王科", ""}, {"S3给王科", NeedAssign, 3, "王科", ""}, {"S3 王科办", NeedAssign, 3, "王科", ""}, {"请把S3交社会事务办办理", NeedAssign, 3, "社会事务办", ""},
		{"麻烦把S3转给人社的刘科处理一下，3天内", NeedAssign, 3, "刘科", "11-29"}, {"S3 转 住建 吴工", NeedAssign, 3, "吴工", ""},
		{"S1 办结 已放款480万", NeedClose, 1, "已放款480万", ""}, {"办好了 S1 已签约12人", NeedClose, 1, "已签约12人", ""}, {"S1搞定了", NeedClose, 1, "", ""},
		{"S1：已签约12人，办结", NeedClose, 1, "已签约12人", ""}, {"S1已放款480万，可以办结了", NeedClose, 1, "已放款480万", ""}, {"S1已经解决了，招到5人", NeedClose, 1, "招到5人", ""}, {"S1 办结了，已经到账", NeedClose, 1, "已经到账", ""}, {"诉求S1已解决 谢谢", NeedClose, 1, "", ""},
		{"取消诉求 S2", NeedWithdraw, 2, "", ""}, {"S2撤回", NeedWithdraw, 2, "", ""}, {"S2先不办了", NeedWithdraw, 2, "", ""}, {"S2不报了", NeedWithdraw, 2, "", ""}, {"诉求S2不用办了", NeedWithdraw, 2, "", ""}, {"S2不需要了 谢谢", NeedWithdraw, 2, "", ""},
		{"S2不用办了，我们自己解决了", NeedWithdraw, 2, "", ""}, {"我的诉求不用办了", NeedWithdraw, 0, "", ""},
		{"S1派给谁了", None, 1, "", ""}, {"S1办结了吗", None, 1, "", ""}, {"S1还没办结", None, 0, "", ""}, {"请尽快办结S1", None, 0, "", ""}, {"诉求取消了吗", None, 0, "", ""},
		{"取消活动 H1", ActivityCancel, 1, "", ""}, {"撤销", Undo, 0, "", ""},
	} {
		r := Message(ex.text, thursday, nil)
		by := ""
		if r.Intent == NeedAssign && r.Need != nil {
			by = r.Need.Deadline.Format("01-02")
		}
		if r.Intent != ex.intent || r.Target.Number != ex.code || r.Person+r.Text != ex.value || by != ex.by {
			t.Errorf("%s: %s %+v %q %q %s", ex.text, r.Intent, r.Target, r.Person, r.Text, by)
		}
		if ex.intent != ActivityCancel && Answer("x", ex.text, thursday)["intent"] != "none" {
			t.Errorf("%s: has an answer", ex.text)
		}
	}
}

func TestExtra(t *testing.T) {
	for text, want := range map[string][]string{
		"登记活动 周五下午3点 技术沙龙 路演厅 主讲人李教授 备注自带水杯":                                                     {"主讲人李教授", "备注自带水杯"},
		"登记活动：周五下午3点，技术沙龙，路演厅，主讲人：李教授，备注：自带水杯，参加人员：全体党员，会议链接 https://meeting.tencent.com/dm/abc": {"主讲人：李教授", "备注：自带水杯", "参加人员：全体党员", "会议链接 https://meeting.tencent.com/dm/abc"},
		"名称：技术沙龙\n时间：周五下午3点\n地点：路演厅\n着装：正装\n会议链接：https://a.cn/x?y=1":                             {"着装：正装", "会议链接：https://a.cn/x?y=1"},
		"登记活动 周五下午3点 技术沙龙 路演厅 联系人王工13800001111":                                                  nil,
		"登记活动 周五下午3点 技术沙龙 路演厅 https://a.cn/13800001111":                                          {"https://a.cn/13800001111"},
	} {
		r := Message(text, thursday, nil)
		if len(r.Activities) != 1 {
			t.Errorf("%s: %s", text, r.Intent)
			continue
		}
		a := r.Activities[0]
		if !slices.Equal(a.Extra, want) || a.Title != "技术沙龙" || a.Place != "路演厅" || len(want) > 0 && a.Phone != "" {
			t.Errorf("%s: %q %+v", text, a.Extra, a)
		}
	}
}
