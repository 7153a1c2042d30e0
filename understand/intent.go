package understand

import (
	"strings"
	"time"
	"unicode/utf8"

	"lianbang/zhtime"
)

// signs are what the words and atoms of a message say about its intent.
type signs struct {
	kinds      kind // of all words
	words      int  // tokens that are no separators
	keys       int  // labels with a colon, of an activity
	needKeys   int  // labels with a colon, of a need
	nameKey    bool // 名称：, 时间：: keys that only an activity has
	issue      bool // 登记活动, 发布：
	future     int  // times ahead
	past       int  // times gone by, and words of the past
	clock      bool // a time of day ahead
	day        bool // a day ahead
	ofTime     bool // 明天下午的座谈会: a time that describes something known
	title      bool // names an activity
	hold       bool // 举办, 搞
	place      bool
	lian       bool
	phone      bool
	money      bool
	people     bool
	code       bool
	ask        bool // a question
	strongAsk  bool // 怎么, 什么, 几点
	want       bool
	wish       bool // a word of wanting that is no topic itself
	help       bool
	rent       bool // 借, 租
	we         bool
	me         bool // 我 as the one who does something
	attend     bool // 我参加, 去不了
	topic      int  // weight of need topics
	needAsk    bool // 报诉求, 需求：
	wantsFirst bool // the message begins with 需要, 急招, 求
	measure    bool
	news       int
	chat       int
	offer      bool
	thanks     bool
	others     bool // 他们, 隔壁: speaks of somebody else
	lament     bool // the only word of wanting is one of lack: 融资难
	shape      bool // a time ahead at the head, and words behind a separator: 12月5日 拓展训练 青年营地
}

// look gathers the signs.
func (s *scanner) look() signs {
	var g signs
	g.ask = s.endsAsking()
	first, lament := true, true
	for i := 0; i < len(s.toks); i++ {
		t := &s.toks[i]
		if t.is(kSpace | kComma | kBreak | kQuote | kColon | kList) {
			continue
		}
		if a := s.atomAt(t.from); a != nil {
			if a.kind == aMention || a.kind == aPhone || a.kind == aMoney || a.kind == aContact {
				continue
			}
			if a.kind == aTime && a.to >= t.to {
				continue
			}
		}
		g.words++
		if t.is(kLabel) {
			if f, v, ok := s.labelAt(i); ok && s.colonBefore(v) {
				s.countKey(f, &g)
				continue
			} else if ok && (f == fPlace || f == fTime || f == fCapacity) {
				g.place = g.place || f == fPlace
			}
		}
		g.kinds |= t.kind
		switch {
		case t.is(kIssue):
			g.issue = g.issue || s.issues(i)
		case t.is(kAsk):
			g.strongAsk = g.strongAsk || s.anyAt(t.from, "请问", "能不能", "可不可以", "问一下", "问下", "有没有") == 0
			g.ask = true
		case t.is(kPast):
			if !s.weakPast(t) {
				g.past++
			}
		case t.is(kNews):
			g.news++
		}
		if t.is(kActivity) && (t.to-t.from >= 6 || s.anyAt(t.from, "展", "跑") > 0) {
			g.title = true
		}
		if s.norm[t.from:t.to] == "会" && i > 0 && !s.toks[i-1].is(kFirst|kWe|kLead|kNot|kSpace|kComma|kBreak|kAt) && (i+1 == len(s.toks) || s.toks[i+1].is(kSpace|kComma|kBreak)) {
			g.title = true
		}
		if t.is(kHold) {
			g.hold = true
		}
		if t.is(kHold|kVisit) && s.anyAt(t.to, "了") > 0 && s.anyAt(t.to, "了吗", "了没") == 0 {
			g.past++
		}
		g.measure = g.measure || t.is(kMeasure) || t.is(kHold) && (s.hasAt(t.to-len("个"), "个") || s.hasAt(t.to-len("场"), "场") || s.hasAt(t.to-len("次"), "次"))
		if t.is(kPlace|kOnline) || t.is(kCompany) && i > 0 && s.behindAt(i) {
			g.place = true
		}
		if t.is(kWant) {
			g.want = true
			lament = lament && t.is(kLack)
			g.wish = g.wish || !t.is(kTopic)
			if first {
				g.wantsFirst = true
			}
		}
		g.rent = g.rent || t.is(kTopic) && t.cat == nPlace && (s.anyAt(t.from, "借", "租", "求租") > 0 || s.seeks(i))
		g.help = g.help || t.is(kHelp)
		g.we = g.we || t.is(kWe)
		g.me = g.me || t.is(kFirst) && !s.meAsked(i)
		g.offer = g.offer || t.is(kOffer)
		g.thanks = g.thanks || t.is(kThanks)
		if t.is(kChat) {
			g.chat++
		}
		if t.is(kTopic) && !s.companyWord(i) {
			g.topic += int(t.bias)
		}
		if n := s.anyAt(t.from, "报诉求", "报需求", "提诉求", "提个诉求", "提需求", "提个需求", "登记诉求", "登记需求", "反映诉求", "有个诉求", "有诉求", "反映个问题", "反映一个问题"); n > 0 {
			g.needAsk = true
		}
		if first && t.is(kTopic) && s.heads(i) {
			g.needAsk = true
		}
		if !t.is(kPolite|kLead|kWe|kFirst) || t.is(kWant) && !t.is(kLead) {
			first = false
		}
	}
	g.lament = g.want && lament
	g.others = s.find("他们", "她们", "人家", "隔壁", "别家", "别的公司", "友商", "同行") && !s.find("我们", "我司", "咱", "我厂", "我公司")
	g.attend = s.attends()
	g.shape = s.shaped()
	for i := range s.atoms {
		a := &s.atoms[i]
		switch a.kind {
		case aPhone:
			g.phone = true
		case aMoney:
			g.money = true
		case aPeople:
			g.people = true
		case aCode:
			g.code = true
		case aLian:
			g.lian = true
		case aTime:
			s.timeSign(a, &g)
		}
	}
	return g
}

// shaped reports whether the message has the form of an announcement without verbs: a time, a separator, a title.
func (s *scanner) shaped() bool {
	at, _ := s.skipLeads(s.head(), len(s.norm))
	a := s.atomAt(at)
	if a == nil {
		for i := s.tokenAt(at); i+1 < len(s.toks); i++ { // 技术沙龙，明天下午3点
			if s.toks[i].is(kFirst|kWe|kAttend|kNot|kPast|kAsk|kNoise|kLabel) && !s.toks[i].is(kActivity) {
				return false
			}
			if s.toks[i+1].is(kSpace | kComma) {
				b := s.atomAt(s.toks[i+1].to)
				return s.toks[i].is(kActivity) && b != nil && b.kind == aTime && clocked(&s.times[b.at])
			}
		}
	}
	if a == nil || a.kind != aTime || a.from != at || a.to >= len(s.norm) || s.times[a.at].Refused != "" {
		return false
	}
	i := s.tokenAt(a.to)
	if !s.toks[i].is(kSpace | kComma) {
		return false
	}
	for j := i + 1; j < len(s.toks); j++ {
		if j+1 == len(s.toks) || s.toks[j+1].is(kSpace|kComma|kBreak) {
			return s.toks[j].is(kActivity) && !s.has(s.toks[i].to, s.toks[j].to, kFirst|kAttend|kNot|kPast)
		}
	}
	return false
}

func (s *scanner) timeSign(a *atom, g *signs) {
	m := &s.times[a.at]
	if m.Refused == zhtime.RefusedPast {
		g.past++
		return
	}
	if m.Kind == zhtime.Duration || m.Kind == zhtime.Deadline || s.inTitle(a, m) {
		return
	}
	for _, alt := range m.Alternatives { // 11月20日 said five days later: rather a report than next year
		if alt.Start.Before(s.now) && s.now.Sub(alt.Start) < 31*24*time.Hour && m.Start.Sub(s.now) > 200*24*time.Hour {
			g.past++
			return
		}
	}
	if coarse(m) {
		return
	}
	g.future++
	if clocked(m) {
		g.clock = true
	} else {
		g.day = true
	}
	if s.anyAt(s.skipSpace(a.to), "的", "那个", "那场", "这场", "这个", "那次") > 0 {
		g.ofTime = true
	}
}

func (s *scanner) countKey(f field, g *signs) {
	switch f {
	case fNone, fIgnored:
	case fNeedKind, fNeedText, fAmount, fTerm, fHeadcount, fCompany, fDeadline:
		g.needKeys++
		if f == fAmount || f == fTerm || f == fHeadcount {
			g.topic += 4
		}
		if f == fNeedKind {
			g.needAsk = true
		}
	case fContact, fPhone:
	case fTitle, fPlace, fBranches, fHost:
		g.nameKey = true
		g.keys++
	default:
		g.keys++
	}
}

// behindAt reports whether 在 or the like stands shortly before token i.
func (s *scanner) behindAt(i int) bool {
	for j := i - 1; j >= 0 && j > i-6; j-- {
		if s.toks[j].is(kAt) {
			return true
		}
		if s.toks[j].is(kBreak | kComma | kSpace) {
			return false
		}
	}
	return false
}

// heads reports whether the topic at token i is a heading: 政策咨询：, 技术难题：, 融资需求：.
func (s *scanner) heads(i int) bool {
	for j := i + 1; j < len(s.toks) && j <= i+2; j++ {
		if s.toks[j].is(kColon) {
			return true
		}
		if s.toks[j].is(kBreak|kComma|kSpace) || s.anyAt(s.toks[j].from, "通知", "公告", "消息", "提醒") > 0 {
			return false
		}
	}
	return false
}

// seeks reports whether the place at token i is what is sought: 缺个能坐150人的场地, 需要一间会议室.
func (s *scanner) seeks(i int) bool {
	for j := i - 1; j >= 0 && j > i-12; j-- {
		t := &s.toks[j]
		if t.is(kBreak|kComma|kAt|kHold) && !t.is(kWant) {
			return false
		}
		if t.is(kWant) && s.anyAt(t.from, "缺", "求", "找", "需要", "借", "租", "急需", "想找", "有没有", "寻") > 0 {
			return true
		}
	}
	return false
}

// weakPast are words of the past that a need may begin with: 刚接了大单.
func (s *scanner) weakPast(t *token) bool {
	switch s.norm[t.from:t.to] {
	case "刚", "刚刚", "已", "不错", "总结了":
		return true
	}
	return false
}

// issues reports whether the word at token i asks the bot to register something: it stands at the head of the message or
// of a clause, and an object, a colon or a time follows.
func (s *scanner) issues(i int) bool {
	t := &s.toks[i]
	word := s.norm[t.from:t.to]
	if word == "通知" || word == "活动" || word == "预告" || word == "活动通知" {
		return s.headOfPiece(i) && s.tokenColon(i+1) || word != "活动" && i+1 < len(s.toks) && s.toks[i+1].is(kQuote) && s.headOfPiece(i)
	}
	lead, asked := i, false
	for lead > 0 && s.toks[lead-1].is(kPolite|kLead|kWe|kFirst|kMeasure|kQuote) {
		asked = asked || s.toks[lead-1].is(kFirst|kPolite)
		lead--
	}
	head := asked || lead == 0 || s.toks[lead-1].is(kBreak|kComma|kSpace|kColon|kQuote) || s.atomAt(s.toks[lead].from-1) != nil
	if !head {
		return false
	}
	j := i + 1
	for j < len(s.toks) && s.toks[j].is(kMeasure|kSpace|kLead|kQuote) {
		j++
	}
	if j >= len(s.toks) {
		return false
	}
	switch word {
	case "登记", "发布", "发起", "新建", "创建", "新增", "预约", "预定", "预订", "报备", "录入", "组织活动", "办活动":
		return s.toks[j].is(kThing|kColon|kActivity) || j > i+1 && s.atomAt(s.toks[j].from) != nil || s.tokenColon(j) || s.atomAt(s.toks[j].from) != nil || word != "组织活动" && s.has(s.toks[j].from, min(len(s.norm), s.toks[j].from+60), kActivity)
	}
	return true
}

// asking are the words that make a question of the sentence that they end.
var asking = map[string]bool{"吗": true, "呢": true, "么": true, "不": true, "没": true, "没有": true, "嘛": true, "吧?": true, "否": true}

// endsAsking reports whether the message, or one of its sentences, is a question by its mark or its last word.
func (s *scanner) endsAsking() bool {
	for i := range s.toks {
		t := &s.toks[i]
		if s.norm[t.from] == '?' {
			return true
		}
		if (i+1 == len(s.toks) || s.toks[i+1].is(kBreak)) && asking[s.norm[t.from:t.to]] {
			return true
		}
	}
	for at := 0; ; { // 来不来, 算不算
		i := strings.Index(s.norm[at:], "不")
		if i < 0 {
			return false
		}
		at += i + len("不")
		if r, n := utf8.DecodeLastRuneInString(s.norm[:at-len("不")]); n == 3 && s.hasAt(at, string(r)) {
			return true
		}
	}
}

// meAsked reports whether 我 at token i is the one for whom the bot does something: 帮我登记, 给我发布, 我想发布.
func (s *scanner) meAsked(i int) bool {
	if i > 0 && s.toks[i-1].is(kPolite) || s.toks[i].is(kWe) {
		return true
	}
	for j := i + 1; j < len(s.toks) && j <= i+4; j++ {
		if s.toks[j].is(kIssue | kWant | kHelp) {
			return true
		}
	}
	return s.anyAt(s.toks[i].to, "这边", "司", "公司", "厂", "单位", "院", "校", "支部", "是") > 0
}

// attends reports whether somebody says that he comes or does not: 我参加, 我们去, 去不了, 要值班.
func (s *scanner) attends() bool {
	for i := range s.toks {
		t := &s.toks[i]
		if !t.is(kAttend) {
			continue
		}
		switch s.norm[t.from:t.to] {
		case "去不了", "来不了", "参加不了", "不去", "不来", "不能来", "不能去", "缺席", "请假", "出差", "值班", "休假", "加班", "迟到", "我去", "我来", "我参加", "我们去", "有会", "要开会":
			return true
		}
		for j := i - 1; j >= 0 && j >= i-4; j-- {
			b := &s.toks[j]
			if b.is(kFirst|kWe) && !b.is(kCompany) && !s.toks[j].is(kIssue) {
				if s.norm[t.from:t.to] == "去" || s.norm[t.from:t.to] == "来" || s.norm[t.from:t.to] == "能去" {
					if s.has(t.to, min(len(s.norm), t.to+60), kHold|kVisit|kActivity|kPlace) && b.is(kWe) {
						break // 我们去敬老院慰问
					}
				}
				return true
			}
			if !b.is(kLead|kNot|kSpace|kAsk) && b.kind != 0 || b.is(kBreak) {
				break
			}
		}
	}
	return false
}
