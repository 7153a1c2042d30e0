package understand

// reachWords are the data by which somebody can be reached.
var reachWords = []words{
	{kReach, "电话 手机 手机号 手机号码 电话号码 联系电话 联系方式 号码 微信 微信号 联系号码 邮箱 邮箱地址 qq qq号 名片 二维码名片"},
}

// reach reads questions for somebody's contact data, and wishes to be put in touch with somebody. They are no needs,
// whatever else they say: 闽光电子陈会计电话多少 我想推荐实习, 李雨的微信是多少, 帮我联系一下陈会计.
func (s *scanner) reach(g *signs) (Reading, bool) {
	if g.phone || g.money || g.people || g.issue || g.keys+g.needKeys > 0 || g.clock && g.title {
		return Reading{}, false
	}
	r := Reading{Intent: None, Note: NoteQuestion, Reach: true}
	if g.kinds&kReach != 0 {
		for i := range s.toks {
			t := &s.toks[i]
			if !t.is(kReach) || !s.wantsReach(i, g) {
				continue
			}
			if f, e, ok := s.titledBefore(i); ok {
				r.Person = s.value(f, e)
				s.span(f, e, "person", r.Person)
			} else if f, e, ok := s.titledBehind(0); ok {
				r.Person = s.value(f, e)
				s.span(f, e, "person", r.Person)
			}
			return r, true
		}
	}
	if g.kinds&(kAsk|kPolite|kWant|kHelp) == 0 {
		return Reading{}, false
	}
	for i := range s.toks {
		t := &s.toks[i]
		if s.anyAt(t.from, "联系", "认识", "引荐", "结识", "对接", "加") == 0 || t.to-t.from > len("联系一下") || !s.askedBefore(i) {
			continue
		}
		if f, e, ok := s.titledBehind(i); ok {
			r.Person = s.value(f, e)
			s.span(f, e, "person", r.Person)
			return r, true
		}
	}
	return Reading{}, false
}

// wantsReach reports whether the contact word at token i is what is asked for.
func (s *scanner) wantsReach(i int, g *signs) bool {
	at := s.skipSpace(s.toks[i].to)
	at += s.anyAt(at, "号码", "号")
	if s.anyAt(at, "是多少", "多少", "是什么", "是几", "几号", "是啥", "有吗", "有没有", "有不", "发我", "发一下", "发下", "发给我", "发个", "给我", "给一下", "给下", "推我", "推一下", "推给我", "告诉", "说一下",
		"能给", "可以给", "能发", "可以发", "能不能", "方便", "在哪", "怎么", "谁有", "谁知道", "知道吗", "呢", "吗", "?", "麻烦发", "麻烦给", "求") > 0 {
		return true
	}
	for j, n := i-1, 0; j >= 0 && n < 14; j, n = j-1, n+1 {
		t := &s.toks[j]
		if t.is(kBreak|kComma) || s.norm[t.from:t.to] == "我的" || s.norm[t.from:t.to] == "打" || s.norm[t.from:t.to] == "换" {
			return false
		}
		if s.anyAt(t.from, "求", "谁有", "谁知道", "有没有", "能不能", "可不可以", "可以给", "给我", "给下", "给个", "要个", "要一下", "想要", "想加", "发我", "发一下", "告诉我", "推我", "知道", "加一下", "加个", "查一下", "查", "问一下", "问下", "请问", "想问", "提供", "多少", "需要", "找") > 0 {
			return true
		}
		if t.is(kFirst) && s.hasAt(t.to, "要") || s.hasAt(t.from, "要") {
			return g.topic < 4 || s.titledNear(i)
		}
	}
	return false
}

func (s *scanner) titledNear(i int) bool { _, _, ok := s.titledBefore(i); return ok }

// askedBefore reports whether the verb at token i is a request or a wish: 帮我联系, 怎么联系, 想认识.
func (s *scanner) askedBefore(i int) bool {
	for j, n := i-1, 0; j >= 0 && n < 4; j, n = j-1, n+1 {
		t := &s.toks[j]
		if t.is(kBreak | kComma) {
			return false
		}
		if t.is(kPolite|kWant|kAsk|kHelp) || s.anyAt(t.from, "帮", "能", "可以", "要") > 0 {
			return true
		}
	}
	return false
}

// titledBefore finds the person whose contact data the word at token i means: 陈会计的电话, 李雨微信.
func (s *scanner) titledBefore(i int) (from, to int, ok bool) {
	to = s.toks[i].from
	for to > 0 && s.norm[to-1] == ' ' {
		to--
	}
	if k := to - len("的"); k > 0 && s.hasAt(k, "的") {
		to = k
	}
	if f, e, ok := s.nameBefore(max(0, to-48), to); ok {
		return f, e, true
	}
	for k := 2; k <= 3; k++ { // 想加一下李雨的微信
		if b, ok := back(s.norm, to, k); ok && s.familyAt(b) && !s.insideWord(b) && !s.isWord(b, to) {
			return b, to, true
		}
	}
	return 0, 0, false
}

// titledBehind finds a person with a family name and a title, or a name alone, behind token i: 联系一下闽光电子的陈会计.
func (s *scanner) titledBehind(i int) (from, to int, ok bool) {
	at := s.toks[i].from
	if i > 0 {
		at = s.skipSpace(s.toks[i].to)
	}
	at = s.skipSpace(at + s.anyAt(at, "一下", "上", "下", "到"))
	for j, n := s.tokenAt(at), 0; j < len(s.toks) && n < 16; j, n = j+1, n+1 {
		t := &s.toks[j]
		if t.is(kBreak|kComma) || t.is(kActivity) {
			break
		}
		if t.is(kPerson) && t.from > at && s.surname(t.from) {
			b, _ := back(s.norm, t.from, 1)
			return b, t.to, true
		}
	}
	if end, ok := s.nameAt(at, len(s.norm)); ok && runes(s.norm[at:end]) <= 3 && s.unitless(end) && !s.isWord(at, end) {
		return at, end, true
	}
	return 0, 0, false
}

// surname reports whether a family name stands directly before offset at: 陈|会计, not 和|会计 or 招|会计.
func (s *scanner) surname(at int) bool {
	b, ok := back(s.norm, at, 1)
	if !ok || s.anyAt(b, "和", "全", "家", "安", "都", "能", "任", "聘", "来", "有", "小", "老", "明", "求", "成", "单", "程", "计") > 0 || !s.familyAt(b) {
		return ok && s.anyAt(b, "小", "老") > 0
	}
	return !s.insideWord(b)
}
