package understand

import (
	"strings"
	"unicode/utf8"
)

var personWords = []words{
	{kPerson, "总 经理 总经理 董事长 主任 书记 老师 教授 工 工程师 科长 处长 部长 局长 会计 出纳 姐 哥 师傅 女士 先生 小姐 院长 厂长 主席 秘书 助理 博士 博 所长 校长 队长 站长 主管 专员 干事 委员 同志 总监 hr 董 副总 副书记 副主任 总工 医生 律师 行长 校长 村长 镇长 组长 班长 阿姨 大姐 叔 店长 老板 党委书记 支书 人事 指导员"},
}

const familyNames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺小老阿"

// familyAt reports whether a family name, 小 or 老 stands at offset at.
func (s *scanner) familyAt(at int) bool {
	r, _ := utf8.DecodeRuneInString(s.norm[at:])
	return strings.ContainsRune(familyNames, r) && r >= 0x4E00
}

func han(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF || r == '〇' }

// looksLikeName reports whether a person may be named at offset at.
func (s *scanner) looksLikeName(at int) bool {
	_, ok := s.nameAt(at, len(s.norm))
	return ok
}

// nameAt reads a person behind a label: 张强, 王总, 小李, 欧阳老师. The name ends where something else begins.
func (s *scanner) nameAt(at, limit int) (end int, ok bool) {
	end = at
	n := 0
	for i := s.tokenAt(at); i < len(s.toks) && s.toks[i].from < limit; i++ {
		t := &s.toks[i]
		if a := s.atomAt(t.from); a != nil {
			break
		}
		if t.is(kPerson) && n > 0 {
			return t.to, true
		}
		r, _ := utf8.DecodeRuneInString(s.norm[t.from:])
		if !han(r) && r != '·' {
			if t.is(kLatin) && n == 0 { // Mr. Lee, Tony
				return t.to, true
			}
			break
		}
		if t.is(kLabel|kDeed|kHold|kTail|kPolite|kNoise|kAt) && n > 0 {
			break
		}
		n += runes(s.norm[t.from:t.to])
		end = t.to
		if n > 4 {
			break
		}
	}
	return end, n >= 2 && n <= 4 && s.familyAt(at)
}

// kDeed is what a name never holds.
const kDeed = kActivity | kIssue | kChange | kCancel | kSign

// nameBefore finds the person who is named between from and a telephone number at at: 王总138…, 张强(138…), 联系小李 138….
func (s *scanner) nameBefore(from, at int) (int, int, bool) {
	end := at
	for end > from {
		r, n := utf8.DecodeLastRuneInString(s.norm[from:end])
		if r != ' ' && r != ':' && r != '(' && r != ',' && r != '-' && r != '的' && r != ';' {
			break
		}
		end -= n
	}
	for again := true; again; {
		again = false
		for _, w := range [...]string{"电话", "手机", "联系电话", "手机号", "联系方式", "电话是", "号码", "tel", "是"} {
			if strings.HasSuffix(s.norm[from:end], w) {
				end -= len(w)
				again = true
			}
		}
		if trimmed := strings.TrimRight(s.norm[from:end], " :,("); len(trimmed) < end-from {
			end = from + len(trimmed)
			again = true
		}
	}
	start, n := end, 0
	for start > from && n < 8 {
		r, size := utf8.DecodeLastRuneInString(s.norm[from:start])
		if !han(r) && !(r == 'r' || r == 'h') {
			break
		}
		start -= size
		n++
	}
	if a := s.atomAt(start); a != nil && a.from < start {
		start = a.to
	}
	// a family name and a title: 王总, 小陈会计
	for i := s.tokenAt(start); i < len(s.toks) && s.toks[i].from < end; i++ {
		t := &s.toks[i]
		if !t.is(kPerson) || t.to != end {
			continue
		}
		if b, ok := back(s.norm, t.from, 2); ok && b >= start && s.anyAt(b, "欧阳", "上官", "司马", "诸葛", "皇甫", "慕容", "夏侯", "令狐", "尉迟") > 0 {
			return b, end, true
		}
		for k := 1; k <= 3; k++ {
			b, ok := back(s.norm, t.from, k)
			if !ok || b < start {
				break
			}
			if s.familyAt(b) && (k <= 2 || b == start) && !s.insideWord(b) {
				return b, end, true
			}
		}
	}
	if c, ok := back(s.norm, end, 2); ok && c >= start && s.anyAt(c, "小", "老", "阿") > 0 && !s.isWord(c, end) { // 街道小郭
		return c, end, true
	}
	// 联系张强, 找李晓梅, and a name alone in its piece
	for _, w := range [...]string{"联系人", "负责人", "联络人", "对接人", "联系", "请找", "找", "咨询", "请电", "致电", "经办", "我是", "我叫"} {
		if i := strings.LastIndex(s.norm[start:end], w); i >= 0 {
			b := start + i + len(w)
			b += s.anyAt(b, "hr", "人事", "财务", "会计", "经理")
			if b < end && s.familyAt(b) && runes(s.norm[b:end]) <= 4 && runes(s.norm[b:end]) >= 2 {
				return b, end, true
			}
		}
	}
	if n := runes(s.norm[start:end]); n >= 2 && n <= 3 && s.familyAt(start) && s.aloneBefore(from, start) && !s.isWord(start, end) {
		return start, end, true
	}
	return 0, 0, false
}

// insideWord reports whether offset at lies inside a word of the vocabulary.
func (s *scanner) insideWord(at int) bool {
	i := s.tokenAt(at)
	return i < len(s.toks) && s.toks[i].from < at
}

// isWord reports whether [from, to) holds a word of the vocabulary: 支部, 谢谢 are no names.
func (s *scanner) isWord(from, to int) bool {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if s.toks[i].kind&^(kPerson|kLead) != 0 {
			return true
		}
	}
	return false
}

func (s *scanner) aloneBefore(from, at int) bool {
	if at <= from {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(s.norm[from:at])
	return !han(r) || s.atomAt(at-1) != nil
}

// back is the offset k runes before at.
func back(s string, at, k int) (int, bool) {
	for range k {
		_, n := utf8.DecodeLastRuneInString(s[:at])
		if n == 0 {
			return 0, false
		}
		at -= n
	}
	return at, true
}

func contains(s, sub string) bool { return strings.Contains(s, sub) }
