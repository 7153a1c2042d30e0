package understand

import "unicode/utf8"

// field is what the value of a label is read as.
type field uint8

const (
	fNone field = iota
	fTitle
	fLian
	fTime
	fEnd
	fLength
	fPlace
	fCapacity
	fBranches
	fHost
	fContact
	fPhone
	fSignBy   // sign-up deadline
	fDeadline // of a need
	fNeedKind
	fNeedText
	fAmount
	fTerm
	fHeadcount
	fCompany
	fIgnored // 主讲, 备注: known, but no field of a record
	fBody    // 活动内容: a title where no other is given
)

// labels are the keys of 键：值.
var labels = []struct {
	field field
	list  string
}{
	{fTitle, "名称 活动名称 活动名 会议名称 主题 活动主题 会议主题 本次主题 标题 题目 活动标题 名字 活动题目 项目名称 讲座题目 课程名称"},
	{fBody, "内容 活动内容 会议内容 事项 活动事项 议题 事由 活动安排"},
	{fLian, "类型 活动类型 类别 活动类别 五联 五联类别 五联类型 所属五联 联建类型 分类 性质 五联标签 联创类型 种类"},
	{fTime, "时间 活动时间 日期 活动日期 举办时间 举办日期 开始时间 会议时间 开会时间 开始 时候 日子 起止时间 具体时间 开展时间 时间段 起始时间 培训时间 集合时间 时间地点 date time"},
	{fEnd, "结束时间 结束 截止结束"},
	{fLength, "时长 活动时长 用时 预计时长 会期"},
	{fPlace, "地点 活动地点 地址 活动地址 地方 会场 场地 场所 活动场地 活动场所 位置 会议地点 举办地点 集合地点 具体地点 开会地点 会议室 培训地点 集合地 举办地 活动地 在哪 地点在 place 阵地"},
	{fCapacity, "名额 人数 容量 规模 限额 上限 人数上限 名额上限 参加人数 活动人数 预计人数 预计参加人数 参与人数 限定人数 限制人数 人数限制 参会人数 计划人数 拟邀人数 活动名额 活动规模 限报 接待人数 总人数 额度人数 席位"},
	{fBranches, "参加支部 参与支部 联办 联办单位 联办支部 参与单位 参加单位 协办 协办单位 协办支部 共建单位 共建支部 合办 合办单位 合办支部 联合单位 联合支部 支部 参加党支部 参与党支部 合作单位 合作支部 联建单位 联建支部 联合主办 联合承办 参会支部 参会单位 承办 承办单位 共同举办单位 联合举办 联合举办单位 协作单位"},
	{fHost, "主办 主办单位 主办支部 主办方 牵头支部 牵头单位 发起支部 发起单位 组织单位"},
	{fContact, "联系人 联络人 负责人 对接人 经办人 联系人员 报名联系人 活动联系人 活动负责人 联络员 姓名 联系人姓名 咨询人"},
	{fPhone, "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码 咨询电话 报名电话 联系手机 联系号码 联系人电话 座机 热线 tel phone 联电"},
	{fSignBy, "报名截止 报名截止时间 报名截止日期 截止报名 报名时间 截止时间 截止日期 截止 报名期限 报名日期 报名截至 报名截止到 报名截止日 报名截止于 报名 截止报名时间 deadline"},
	{fDeadline, "希望答复时间 期望答复时间 答复时间 希望时间 希望完成时间 期望时间 期望完成时间 完成时间 需求时间 用款时间 到岗时间 希望到岗 期望放款 期望放款日 期望放款时间 使用时间 用人时间 希望解决时间 解决时限 时限 办理时限 希望办结时间 最晚时间 要求时间 需要时间 完成期限 到位时间 资金到位时间 用地时间 回复时间 希望回复时间 期限要求 时间要求"},
	{fNeedKind, "企业需求 需求类型 需求类别 诉求类型 诉求类别 需求 诉求 企业诉求 问题类型 问题类别 事项类别 诉求分类 需求分类 企业困难"},
	{fNeedText, "需求内容 诉求内容 需求描述 诉求描述 具体需求 问题 问题描述 具体内容 描述 具体诉求 详细 详情 需求事项 诉求事项 困难 情况 问题内容 岗位 招聘岗位 用途 资金用途 贷款用途 产品 情况说明 岗位要求 岗位需求 具体情况 困难描述 需求说明"},
	{fAmount, "金额 额度 融资金额 贷款金额 资金 需求金额 资金需求 融资额度 贷款额度 融资额 贷款额 所需资金 需要资金 金额需求 资金缺口 资金量 申请金额 申请额度 预算 需求额度 数额 拟融资"},
	{fTerm, "期限 贷款期限 借款期限 融资期限 还款期限 周期 贷款周期 用款期限"},
	{fHeadcount, "招聘人数 用工人数 需求人数 招工人数 缺口人数 用人数量 招聘数量 需要人数 数量 用工数量 缺工人数"},
	{fCompany, "企业 公司 企业名称 公司名称 单位 单位名称 申报企业 申报单位 我公司 诉求企业 企业名 公司名 需求企业 需求单位 填报单位 填报企业 反映企业 提出单位 提出企业"},
	{fIgnored, "主讲 主讲人 主持 主持人 备注 说明 要求 活动要求 着装 费用 议程 对象 参加对象 活动对象 参加人员 参会人员 参与人员 出席 出席人员 交通 报名方式 形式 活动形式 签到 签到时间 用餐 注意事项 附件 链接 会议号 嘉宾 讲师 授课 授课人 参与对象 面向对象 目的 背景 活动目的 流程 活动流程 格式 职务 参加领导 邀请 邮箱 微信 记录人 带队 温馨提示 注 流程安排 经费 物资 携带物品"},
}

// sureKeys are the short keys that people write without a separator before them: 技术沙龙时间：….
var sureKeys = map[string]bool{"时间": true, "地点": true, "人数": true, "名额": true, "电话": true, "主题": true, "名称": true, "类型": true,
	"类别": true, "地址": true, "日期": true, "金额": true, "手机": true, "联办": true, "协办": true, "主办": true, "容量": true, "截止": true}

// labelAt reports whether token i is the key of a value that follows, and the offset of that value. A key without a
// colon counts only where what follows it can be its value.
func (s *scanner) labelAt(i int) (f field, value int, ok bool) {
	t := &s.toks[i]
	if !t.is(kLabel) {
		return s.misspelt(i)
	}
	if t.to-t.from <= 6 && !sureKeys[s.norm[t.from:t.to]] && !s.headOfPiece(i) {
		return fNone, 0, false
	}
	j := i + 1
	for n := 0; n < 3 && j < len(s.toks) && (s.toks[j].is(kSpace) || s.anyAt(s.toks[j].from, "也", "都", "要", "想", "需", "请") > 0); n++ {
		j++
	}
	if j < len(s.toks) && s.anyAt(s.toks[j].from, "由", "从") > 0 { // 地点由515改为多功能厅
		for k := j + 1; k < len(s.toks) && k < j+12 && !s.toks[k].is(kBreak|kComma); k++ {
			if s.toks[k].is(kChange) {
				j = k
				break
			}
		}
	}
	if j < len(s.toks) && s.toks[j].is(kChange) && t.field != fIgnored && t.field != fBody && t.field != fNeedText {
		return t.field, s.skipSpace(s.toks[j].to), true
	}
	j = i + 1
	if j < len(s.toks) && s.toks[j].is(kQuote) { // 【时间】周五, (地点)5号楼
		if s.anyAt(s.toks[j].from, "】", ")", "]", "」", "〕") > 0 {
			if s.tokenColon(j + 1) {
				return t.field, s.toks[j+1].to, true
			}
			if i > 0 && s.toks[i-1].is(kQuote) {
				return t.field, s.toks[j].to, true
			}
		}
	}
	for j < len(s.toks) && s.toks[j].is(kSpace) && s.tokenColon(j+1) {
		j++
	}
	if s.tokenColon(j) {
		return t.field, s.skipColons(j), true
	}
	if t.field == fBody || t.field == fIgnored || t.field == fNeedKind || t.field == fNeedText || t.field == fCompany && !s.bareKey(i) {
		return fNone, 0, false
	}
	return s.looseLabel(i)
}

// bareKey reports whether token i stands alone before white space at the head of a piece.
func (s *scanner) bareKey(i int) bool {
	return i+1 < len(s.toks) && s.toks[i+1].is(kSpace) && s.headOfPiece(i)
}

func (s *scanner) headOfPiece(i int) bool {
	if i == 0 || s.toks[i-1].is(kBreak|kComma|kSpace|kQuote|kList) {
		return true
	}
	a := s.atomAt(s.toks[i].from - 1)
	return a != nil
}

// tokenColon reports whether token j separates a key from its value; ';' does where people missed ':'.
func (s *scanner) tokenColon(j int) bool {
	if j >= len(s.toks) {
		return false
	}
	t := &s.toks[j]
	return t.is(kColon) || s.norm[t.from] == ';' && j > 0 && s.toks[j-1].is(kLabel) && s.headOfPiece(j-1) && j+1 < len(s.toks) && !s.toks[j+1].is(kBreak)
}

func (s *scanner) skipColons(j int) int {
	for j < len(s.toks) && (s.tokenColon(j) || s.toks[j].is(kSpace)) {
		j++
	}
	if j < len(s.toks) {
		return s.toks[j].from
	}
	return len(s.norm)
}

// linking are the words between a key and its value where there is no colon.
var linking = []string{"就是", "都是", "还是", "都在", "就在", "仍是", "均在", "均为", "定在", "定于", "设在", "放在", "选在", "安排在", "暂定在", "暂定", "是在", "是", "在", "为", "叫做", "叫", "于", "到"}

// looseLabel judges a key without a colon.
func (s *scanner) looseLabel(i int) (field, int, bool) {
	t := &s.toks[i]
	at := s.skipSpace(t.to)
	spaced := at > t.to
	linked := s.anyAt(at, linking...)
	value := s.skipSpace(at + linked)
	if value >= len(s.norm) {
		return fNone, 0, false
	}
	next := s.toks[s.tokenAt(value)]
	a := s.atomAt(value)
	head := s.headOfPiece(i)
	switch t.field {
	case fTime, fEnd, fSignBy, fDeadline, fLength:
		if t.field == fSignBy && !s.isSignBy(t) {
			return fNone, 0, false
		}
		if a != nil && a.kind == aTime {
			return t.field, value, true
		}
		return t.field, value, linked > 0 && t.field == fTime && s.anyAt(value, "待定", "另行", "未定") > 0
	case fPlace:
		if next.is(kBreak | kComma) {
			return fNone, 0, false
		}
		strict := s.norm[t.from:t.to] != "地点" && s.norm[t.from:t.to] != "活动地点" && s.norm[t.from:t.to] != "会议地点"
		if strict {
			return fPlace, value, (linked > 0 || spaced) && head && t.to-t.from <= 12 && s.anyAt(t.from, "会议室") == 0
		}
		return fPlace, value, !s.changeAt(value)
	case fCapacity, fHeadcount:
		if a != nil && a.kind == aPeople || next.is(kDigits) || linked == 0 && s.mayBeNumber(&next) {
			return t.field, value, true
		}
		value += s.anyAt(value, "限", "约", "大概", "控制在", "不超过", "最多", "上限", "大约", "预计")
		if value < len(s.norm) && s.mayBeNumber(&s.toks[s.tokenAt(value)]) {
			return t.field, value, true
		}
	case fAmount, fTerm:
		if a != nil && (a.kind == aMoney || a.kind == aTime) || next.is(kDigits) {
			return t.field, value, true
		}
	case fPhone:
		if a != nil && a.kind == aPhone {
			return fPhone, value, true
		}
	case fContact:
		return fContact, value, s.looksLikeName(value) && !s.changeAt(value)
	case fTitle:
		if linked > 0 && s.anyAt(at, "在", "到", "于", "定") == 0 || next.is(kQuote) || spaced && head {
			return fTitle, value, !s.changeAt(value)
		}
	case fLian:
		if a != nil && a.kind == aLian {
			return fLian, value, true
		}
	case fBranches, fHost, fCompany:
		if linked > 0 && s.anyAt(at, "是", "为", "都是") > 0 || spaced && head && next.kind&(kVisit|kHold) == 0 {
			return t.field, value, true
		}
	}
	return fNone, 0, false
}

func (s *scanner) isSignBy(t *token) bool { return t.to-t.from > len("报名") }

// changeAt reports whether a word of change stands at offset at: 地点改到….
func (s *scanner) changeAt(at int) bool {
	i := s.tokenAt(at)
	for i < len(s.toks) && s.anyAt(s.toks[i].from, "也", "都", "有", "要", "请", "需", "想", "先") > 0 {
		i++
	}
	return i < len(s.toks) && s.toks[i].is(kChange|kCancel|kNot)
}

// misspelt reads a two-character key with one wrong character before a colon: 底点：, 时问：.
func (s *scanner) misspelt(i int) (field, int, bool) {
	if s.toks[i].kind != 0 || i+1 >= len(s.toks) || i > 0 && !s.toks[i-1].is(kBreak|kComma|kSpace|kQuote) && s.atomAt(s.toks[i].from-1) == nil {
		return fNone, 0, false
	}
	j := i + 1
	if s.toks[j].kind == 0 {
		j++
	}
	if j >= len(s.toks) || !s.toks[j].is(kColon) {
		return fNone, 0, false
	}
	from, to := s.toks[i].from, s.toks[j].from
	if to-from != 6 {
		return fNone, 0, false
	}
	a, n := utf8.DecodeRuneInString(s.norm[from:])
	b, _ := utf8.DecodeRuneInString(s.norm[from+n:])
	for _, k := range [...]struct {
		first, second rune
		field         field
	}{{'时', '间', fTime}, {'地', '点', fPlace}, {'名', '称', fTitle}, {'主', '题', fTitle}, {'人', '数', fCapacity}, {'名', '额', fCapacity},
		{'电', '话', fPhone}, {'类', '型', fLian}, {'类', '别', fLian}, {'金', '额', fAmount}} {
		if a == k.first && (k.first != '主' && k.first != '人') || b == k.second {
			return k.field, s.skipColons(j), true
		}
	}
	return fNone, 0, false
}
