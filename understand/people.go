package understand

import "unicode/utf8"

// people reads a count of persons: 30人, 20-30名, 三十来号人, 50个名额. Text with 每 before it counts per unit.
func (s *scanner) people(at int) (atom, bool) {
	v, end, ok := s.number(at)
	if !ok || v%one != 0 || v == 0 {
		return atom{}, false
	}
	a := atom{from: at, kind: aPeople, n: v / one}
	if lo, hi, e := s.about(at, end); e > 0 {
		a.lo, a.n, end = lo, hi, e
	}
	if next := s.rangeMark(end); next > end {
		if hi, e, ok := s.number(next); ok && hi >= v && hi%one == 0 {
			a.lo, a.n, end = a.n, hi/one, e
		}
	} else if s.hasAt(end, "、") || s.hasAt(end, ",") { // 三、五十人 is rare: leave lists alone
		return atom{}, false
	}
	if a.lo > 0 && s.anyAt(end, "人", "名", "位", "个", "左右", "来", "多", "号") == 0 {
		return atom{}, false
	}
	if before, _ := utf8.DecodeLastRuneInString(s.norm[:at]); before == '第' || before == '.' || before == '-' || before == ':' && s.clockBefore(at) {
		return atom{}, false
	}
	a.to = s.peopleUnit(end)
	if a.to == end {
		return atom{}, false
	}
	a.per = s.perUnit(at)
	return a, a.n < 1_000_000
}

// about reads 三四十, 七八, 十七八, 一两百: two digits beside each other that stand for a range. end is where the number
// that holds them ends.
func (s *scanner) about(at, end int) (lo, hi int64, to int) {
	tens := int64(0)
	if s.hasAt(at, "十") { // 十七八
		tens, at = 10, at+len("十")
	} else if r, n := utf8.DecodeRuneInString(s.norm[at:]); chineseDigit(r) > 0 && s.hasAt(at+n, "十") {
		tens, at = chineseDigit(r)*10, at+n+len("十") // 三十七八
	}
	a, n := utf8.DecodeRuneInString(s.norm[at:])
	b, m := utf8.DecodeRuneInString(s.norm[at+n:])
	x, y := chineseDigit(a), chineseDigit(b)
	if x <= 0 || y <= x || y > x+2 || at+n+m > end && tens == 0 || y == x+2 && x != 3 {
		return 0, 0, 0
	}
	to = at + n + m
	c, k := utf8.DecodeRuneInString(s.norm[to:])
	if u := chineseUnit(c); u > 0 && tens == 0 {
		return x * u, y * u, to + k
	}
	if chineseDigit(c) >= 0 {
		return 0, 0, 0 // 一二三四
	}
	return tens + x, tens + y, to
}

// clockBefore reports whether a digit stands before the colon before at.
func (s *scanner) clockBefore(at int) bool {
	return at >= 2 && '0' <= s.norm[at-2] && s.norm[at-2] <= '9'
}

// peopleUnit returns the offset behind 人, 名, 位, 个名额 …, or at.
func (s *scanner) peopleUnit(at int) int {
	i := s.skipFew(at)
	i += s.anyAt(i, "左右", "以内", "以上", "上下")
	if s.anyAt(i, "个人") == 0 || s.toks[s.tokenAt(i)].to == i+len("个") {
		i += s.anyAt(i, "个", "号", "口")
	}
	i = s.skipFew(i)
	for _, w := range [...]string{"人次", "人左右", "个人", "名额", "席位", "位置", "人", "名", "位"} {
		if !s.hasAt(i, w) {
			continue
		}
		k := s.tokenAt(i)
		if k < len(s.toks) && s.toks[k].from == i && s.toks[k].to <= i+len(w) || w == "人左右" {
			end := i + len(w)
			end += s.anyAt(end, "左右", "以内", "以上", "上下", "为限", "封顶")
			return end
		}
		return at
	}
	return at
}

// perUnit reports whether the count before at is said of each unit: 每家2人, 各支部3名.
func (s *scanner) perUnit(at int) bool {
	from := at
	for range 6 {
		r, n := utf8.DecodeLastRuneInString(s.norm[:from])
		if n == 0 || r == ' ' || mark(r) != 0 {
			return false
		}
		if r == '每' || r == '各' {
			return s.anyAt(from, "场", "期", "次", "班") == 0
		}
		from -= n
	}
	return false
}
