package understand

import "unicode/utf8"

// codeNames are the words that stand for the letter of a code: 活动27.
var codeNames = []struct {
	word   string
	letter byte
}{{"活动", 'H'}, {"诉求", 'S'}, {"需求", 'S'}, {"榜单", 'B'}, {"走访", 'V'}, {"协议", 'X'}, {"政策卡", 'P'}, {"政策", 'P'}}

// code reads H27, #h27, Ｈ２７, H-27, H 27, 活动27, 诉求#158 at token i.
func (s *scanner) code(i int) (atom, bool) {
	t := s.toks[i]
	at, bare := t.to, false
	letter := byte(0)
	switch {
	case t.to-t.from == 1 && t.is(kLatin):
		switch b := s.norm[t.from]; b {
		case 'h', 's', 'b', 'v', 'x', 'p':
			letter = b - 'a' + 'A'
		}
		if i > 0 && s.toks[i-1].is(kDigits) && s.toks[i-1].to == t.from {
			return atom{}, false
		}
	default:
		for _, n := range codeNames {
			if letter == 0 && s.hasAt(t.from, n.word) {
				letter, bare, at = n.letter, true, t.from+len(n.word)
			}
		}
	}
	if letter == 0 {
		return atom{}, false
	}
	at = s.skipSpace(at)
	at += s.anyAt(at, "编号", "#", "-", "号", "no.")
	at = s.skipSpace(at)
	var n int64
	end := at
	for end < len(s.norm) && '0' <= s.norm[end] && s.norm[end] <= '9' && end-at < 7 {
		n = n*10 + int64(s.norm[end]-'0')
		end++
	}
	if end == at || end-at > 6 || n == 0 {
		return atom{}, false
	}
	r, _ := utf8.DecodeRuneInString(s.norm[end:])
	switch r {
	case '月', '日', '点', '时', '年', '.', '/', '人', '名', '位', '个', '万', '亿', '元', '%', '-', '~', '栋', '楼', '座', '室', '馆', '层', '区', '线',
		'厅', '页', '幢', '天', '场', '次', '家', '分', '周', '平', '块', '千', '百', '小', '期', '件', '条', '项', 'w', 'k':
		return atom{}, false
	case '多', '余', '来', '几': // 活动20来人; H1几点开始, H1来不了
		if bare {
			return atom{}, false
		}
	case ':':
		if bare || end+1 < len(s.norm) && '0' <= s.norm[end+1] && s.norm[end+1] <= '9' {
			return atom{}, false
		}
	case '号':
		if bare && s.anyAt(end+len("号"), "上", "下", "早", "晚", "中", "前", "楼", "会", "厅", "的") > 0 || !bare {
			return atom{}, false
		}
		end += len("号")
	}
	if '0' <= r && r <= '9' || 'a' <= r && r <= 'z' {
		return atom{}, false
	}
	from := t.from
	if from > 0 && s.norm[from-1] == '#' {
		from--
	}
	return atom{from: from, to: end, kind: aCode, at: int(letter), n: n}, true
}

// target returns the first code between two offsets.
func (s *scanner) codeIn(from, to int) (Target, *atom) {
	for i := range s.atoms {
		if a := &s.atoms[i]; a.kind == aCode && a.from >= from && a.to <= to {
			return Target{Letter: string(rune(a.at)), Number: a.n}, a
		}
	}
	return Target{}, nil
}
