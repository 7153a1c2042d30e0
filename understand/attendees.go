package understand

// Words by which somebody asks who comes to an activity, how many come, or whether there is room. Those of whoComes end their
// question: 谁来主持 asks for something else.
var (
	whoComes  = []string{"都有谁来", "都有谁去", "都有谁", "都谁来", "都谁去", "有谁来", "有谁去", "谁来", "谁去", "谁要来", "谁要去", "谁会来", "谁会去", "哪些人来", "哪些人去", "哪些单位来", "哪些单位去", "哪几家来", "哪几家去"}
	whoSigned = []string{"谁报名", "谁报了", "谁都报", "谁参加", "谁要参加", "谁会参加", "哪些人参加", "哪些人报", "哪些单位参加", "哪些单位报", "哪些公司参加", "哪些公司报", "哪几家报", "哪几家参加", "哪几个人报", "哪些企业报", "哪些企业参加"}
	rollCalls = []string{"名单", "报名名单", "参会名单", "参加人员名单", "看名单", "看下名单", "看一下名单", "查名单", "名单发我", "名单发我一下", "名单发一下", "把名单发我", "名单给我", "名单看一下", "最新名单", "要名单", "报名情况"}
	howMany   = []string{"多少人报", "多少人参加", "多少人来", "多少人去", "几个人报", "几个人参加", "几个人来", "几个人去", "几人报", "几人参加", "报了多少", "报了几个", "报名了多少", "报名了几个", "报名多少", "来多少人", "去多少人", "报满", "满员了", "人满了"}
	soFar     = []string{"现在多少人了", "现在多少人", "多少人了", "有多少人了", "现在有多少人", "现在有多少人了", "现在几个人了", "几个人了", "现在几个人", "现在有几个人", "现在有几个人了", "到现在多少人", "到现在多少人了", "目前多少人", "目前多少人了", "目前有多少人", "已经多少人了", "已经有多少人了", "人数多少", "人数多少了", "报名人数", "人满了吗", "满了吗", "满了没", "满员了吗", "满员了没", "报满了吗", "报满了没", "还有名额吗", "还有名额没", "还有没有名额", "还有位置吗", "还有空位吗"}
	lastWords = []string{"参加", "报名", "了", "吗", "呢", "呀", "啊", "哦", "么", "没", "吧", "?", "。", "!", " "}
)

// attendees reads questions about those who come to an activity: 宣讲都有谁来, 名单, 现在多少人了.
func (s *scanner) attendees(g *signs) (Reading, bool) {
	if g.issue || g.keys+g.needKeys > 0 || g.phone || g.money || g.words > 14 || g.topic >= 4 || g.others || g.news > 0 || g.kinds&(kHearsay|kIf|kCancel|kChange) != 0 {
		return Reading{}, false
	}
	for i := range s.atoms {
		if a := &s.atoms[i]; a.kind == aCode && a.at != 'H' {
			return Reading{}, false
		}
	}
	named := g.title || g.code || g.future > 0
	r := Reading{Confidence: 0.8}
	switch {
	case s.whole(rollCalls...), named && s.find("报名名单", "的名单", "参会名单", "报名情况") && !s.find("公布", "公示", "入选", "获奖"), s.find(whoSigned...), s.endsWith(whoComes...):
		r.Intent = Roster
	case s.whole(soFar...), (named || s.find("报")) && s.find(howMany...), named && s.endsWith(soFar...):
		r.Intent = Headcount
	default:
		return Reading{}, false
	}
	if g.past > 0 && !s.find("报名了", "报了", "已经", "已") || s.find("参加过", "来过", "去过", "报过") {
		return Reading{}, false // 昨天都有谁来
	}
	r.Target = s.asksAbout()
	return r, true
}

// over reports whether nothing but the end of a sentence stands behind offset at.
func (s *scanner) over(at int) bool {
	for at < len(s.norm) {
		n := s.anyAt(at, lastWords...)
		if n == 0 {
			return false
		}
		at += n
	}
	return true
}

// endsWith reports whether the message ends with one of the words, as a question.
func (s *scanner) endsWith(words ...string) bool {
	for i := range s.toks {
		for _, w := range words {
			if at := s.toks[i].from; s.hasAt(at, w) && s.over(at+len(w)) {
				return true
			}
		}
	}
	return false
}
