package understand

import "strings"

// aside are the keys that people also write without a colon: 主讲人李教授, 备注自带水杯.
var aside = map[string]bool{"主讲": true, "主讲人": true, "主持": true, "主持人": true, "备注": true, "讲师": true, "授课人": true, "嘉宾": true, "参加人员": true,
	"参会人员": true, "参与人员": true, "出席人员": true, "参加对象": true, "活动对象": true, "会议号": true, "链接": true, "着装": true, "温馨提示": true,
	"注意事项": true, "携带物品": true, "参加领导": true, "邮箱": true}

// link reads an address of the web at token i.
func (s *scanner) link(i int) (atom, bool) {
	from := s.toks[i].from
	if s.anyAt(from, "http://", "https://", "www.") == 0 {
		return atom{}, false
	}
	end := from
	for end < len(s.norm) && s.norm[end] > ' ' && s.norm[end] < 0x7F && !strings.ContainsRune("<>\"'`|", rune(s.norm[end])) {
		end++
	}
	for end > from && strings.ContainsRune(",.;!?)", rune(s.norm[end-1])) {
		end--
	}
	return atom{from: from, to: end, kind: aLink}, end > from
}

// asideAt reports whether a piece without a label begins with a key that no field of an activity has, and a value.
func (s *scanner) asideAt(from, to int) bool {
	from, to = s.trim(from, to)
	i := s.tokenAt(from)
	return from < to && i < len(s.toks) && s.toks[i].from == from && s.toks[i].to < to && s.toks[i].is(kLabel) && s.toks[i].field == fIgnored &&
		aside[s.norm[s.toks[i].from:s.toks[i].to]] && s.titleScore(from, to) < 9
}

// eachAside divides a piece at the further keys in it: 参加人员：全体党员，着装：正装. A key of an address is left to that.
func (s *scanner) eachAside(from, to int, add func(f, t int)) {
	at := from
	emit := func(end int) {
		f, e := s.trim(at, end)
		if b := s.atomAt(s.skipSpace(end)); b != nil && b.kind == aLink && (runes(s.norm[f:e]) <= 8 || s.linkKey(s.tokenAt(f))) {
			return // 会议链接：https://…
		}
		add(f, e)
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if t.from > at && s.toks[i-1].is(kComma|kSpace|kBreak) && (t.is(kLabel) && t.field == fIgnored || s.linkKey(i)) {
			emit(s.toks[i-1].from)
			at = t.from
		}
	}
	emit(to)
}

// linkKey reports whether token i names an address of the web: 会议链接, 直播地址.
func (s *scanner) linkKey(i int) bool {
	return i < len(s.toks) && s.anyAt(s.toks[i].from, "链接", "会议链接", "会议号", "直播", "报名链接", "地址", "网址", "入口", "腾讯会议", "在线会议") > 0
}

// extra gathers what was said of an activity and is no field of it: the pieces behind keys that no field has, and addresses.
func (s *scanner) extra(from, to int, a *Activity) {
	add := func(f, t int) {
		if f, t = s.trim(f, t); f < t && len(a.Extra) < 16 {
			v := strings.Join(strings.Fields(s.value(f, t)), " ")
			a.Extra = append(a.Extra, v)
			s.span(f, t, "extra", v)
		}
	}
	for i := range s.pieces {
		p := &s.pieces[i]
		if p.field == fIgnored && p.key < p.from || p.field == fNone && s.asideAt(p.from, p.to) {
			s.eachAside(p.key, p.to, add)
		}
	}
	if !s.links {
		return
	}
	for i := range s.atoms {
		b := &s.atoms[i]
		if b.kind != aLink || b.from < from || b.to > to {
			continue
		}
		f := b.from
		if k := s.tokenAt(f) - 1; k >= 0 {
			for k > 0 && s.toks[k].is(kSpace|kColon) {
				k--
			}
			for k >= 0 && s.toks[k].from >= from && s.anyAt(s.toks[k].from, "链接", "会议", "直播", "报名", "地址", "网址", "入口", "回放", "腾讯", "在线") > 0 && s.atomAt(s.toks[k].from) == nil {
				f = s.toks[k].from
				k--
			}
		}
		add(f, b.to)
	}
}
