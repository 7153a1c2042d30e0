package understand

// companions are the people whom somebody brings along, behind a count: 再带两个学生.
var companions = []string{"学生", "同学", "研究生", "同事", "同仁", "老师", "教授", "朋友", "家属", "党员", "员工", "职工", "学员", "孩子", "徒弟", "工程师", "技术员", "嘉宾"}

// companionsAt reads how many are brought along at offset at: 两个学生, 3名党员参加. What they come for must not follow.
func (s *scanner) companionsAt(at int) (n, end int, ok bool) {
	v, end, ok := s.number(at)
	if !ok || v%one != 0 || v == 0 || v >= 1000*one {
		return 0, 0, false
	}
	end = s.skipSpace(end + s.anyAt(end, "个", "位", "名"))
	who := s.anyAt(end, companions...)
	if who == 0 {
		return 0, 0, false
	}
	end += who
	for at = end; at < len(s.norm); {
		w := s.anyAt(at, partyTails...)
		if i := s.tokenAt(at); w == 0 && s.toks[i].from == at && s.toks[i].is(kSpace|kComma|kBreak|kQuote) {
			w = s.toks[i].to - at
		}
		if w == 0 {
			a := s.atomAt(at)
			return int(v / one), end, a != nil && a.from == at && (a.kind == aCode || a.kind == aMention)
		}
		at += w
	}
	return int(v / one), end, true
}

// joining are the words between a party and what it comes to.
var joining = []string{"报名参加", "要参加", "想参加", "来参加", "去参加", "参加", "报名", "出席"}

// joinsNamed reports whether a party comes to a gathering that is named, with no more than the name of its unit in front:
// 英芯3人参加人才政策宣讲. It takes the unit out of what may be the name.
func (s *scanner) joinsNamed(g *signs) bool {
	if g.words > 16 || g.clock || g.others || g.kinds&(kNot|kIf|kNews|kPast|kRemind|kOffer) != 0 {
		return false
	}
	for k := range s.atoms {
		a := &s.atoms[k]
		if a.kind != aPeople || a.per {
			continue
		}
		at := s.skipSpace(a.to)
		n := s.anyAt(at, joining...)
		if n == 0 || s.anyAt(at+n, "了", "过", "的") > 0 {
			return false
		}
		unit := s.head()
		from, to := s.tightTitle(at+n, len(s.norm))
		if s.over(at + n) { // 人才政策宣讲英芯3人参加
			from, to = s.named()
			if lead, _ := s.trim(unit, from); from >= to || lead < from || to >= a.from {
				return false
			}
			unit = to
		}
		if from >= to || !s.unitOnly(unit, a.from) || s.generic(from, to) || !s.titled(from, to) && s.titleScore(from, to) < 9 {
			return false
		}
		if unit < a.from {
			s.insert(atom{from: unit, to: a.from, kind: aCut})
		}
		return true
	}
	return false
}

// unitOnly reports whether [from, to) may be the name of a unit, or is empty.
func (s *scanner) unitOnly(from, to int) bool {
	from, to = s.trim(from, to)
	if from >= to {
		return true
	}
	if runes(s.norm[from:to]) > 14 || s.has(from, to, kBreak|kComma|kColon|kList|kSpace|kDigits|kPolite|kNoise|kAsk|kHold|kWant|kHelp|kActivity|kThing|kLabel|kAttend|kSign|kIssue|kChange|kCancel|kThanks|kChat) {
		return false
	}
	for i := range s.atoms {
		if a := &s.atoms[i]; a.kind == aTime && a.from < to && from < a.to {
			return false
		}
	}
	for _, w := range [...]string{"请", "叫", "每", "各", "共", "约", "计", "有", "仅", "只", "超", "近", "其中", "派", "组织", "安排", "邀请", "要求", "需", "限", "全", "另", "余", "让", "名单", "最多", "至少", "不少于"} {
		if contains(s.norm[from:to], w) {
			return false
		}
	}
	return true
}
