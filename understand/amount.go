package understand

import (
	"strconv"
	"unicode/utf8"
)

// notMoney measures other things than money: 2万平米, 5万件.
var notMoney = []string{"人", "平", "㎡", "m2", "吨", "件", "台", "套", "个", "辆", "亩", "次", "股", "户", "家", "字", "步", "米", "公里",
	"粒", "片", "瓶", "箱", "册", "张", "份", "只", "头", "场", "名", "位", "项", "颗", "kw", "千瓦", "度", "条", "双", "把", "斤", "盒", "支", "枚"}

// money reads an amount of money with its unit: 500万, 500w, 五百万元, 伍佰万, 0.05亿, 一亿两千万, 300-500万, 3000元.
func (s *scanner) money(at int) (atom, bool) {
	if lo, skip := s.pair(at); skip > 0 { // 三五百万
		if n, unit, end, ok := s.sum(at + skip); ok && unit > 0 {
			hi, _, _ := s.number(at + skip)
			for hi >= 10*one {
				hi /= 10
			}
			if hi > lo*one {
				return atom{from: at, to: end, kind: aMoney, lo: n / (hi / one) * lo, n: n}, true
			}
		}
	}
	n, unit, end, ok := s.sum(at)
	if !ok {
		return atom{}, false
	}
	a := atom{from: at, to: end, kind: aMoney, n: n}
	if next := s.rangeMark(end); next > end {
		if hi, u, e, ok := s.sum(next); ok && u > 0 {
			lo := n
			if unit == 0 {
				lo = n / 100 * u
			}
			if lo <= hi {
				a.lo, a.n, a.to, unit = lo, hi, e, u
			}
		}
	}
	if unit == 0 {
		return atom{}, false
	}
	for _, w := range notMoney {
		if s.hasAt(a.to, w) {
			return atom{}, false
		}
	}
	return a, true
}

// pair reads the first digit of 三五百: two digits that stand for a range. skip is the length of the first.
func (s *scanner) pair(at int) (lo int64, skip int) {
	a, n := utf8.DecodeRuneInString(s.norm[at:])
	b, m := utf8.DecodeRuneInString(s.norm[at+n:])
	c, _ := utf8.DecodeRuneInString(s.norm[at+n+m:])
	x, y := chineseDigit(a), chineseDigit(b)
	if x > 0 && y > x && (chineseUnit(c) > 0 || c == '万' || c == '亿') {
		return x, n
	}
	return 0, 0
}

// sum reads one amount in 分; unit is the last unit in 分, 0 where none was written.
func (s *scanner) sum(at int) (fen, unit int64, end int, ok bool) {
	end = at
	for range 3 { // 一亿两千万五千元
		v, e, good := s.number(end)
		if !good {
			break
		}
		u, e := s.moneyUnit(e)
		if ok && (u == 0 && !s.hasAt(e, "元") || unit <= u) {
			if u == 0 && unit >= 1_000_000 && v < 10*one { // 三万五
				fen += v / one * (unit / 10)
				end = e
			}
			break
		}
		fen += v / 100 * max(u, 100) / (one / 100)
		unit, end, ok = u, e, true
		if u == 0 {
			break
		}
	}
	if !ok {
		return 0, 0, at, false
	}
	for range 2 {
		if n := s.anyAt(end, "元整", "元人民币", "人民币", "块钱", "元", "块", "rmb"); n > 0 {
			end += n
			unit = max(unit, 100)
		}
	}
	return fen, unit, end, true
}

// moneyUnit reads 万, w, 亿, 千万, 百万 and the like behind a number; the unit is in 分.
func (s *scanner) moneyUnit(at int) (unit int64, end int) {
	at = s.skipFew(at)
	unit = 1
	for _, few := range [...]struct {
		word  string
		value int64
	}{{"百", 100}, {"佰", 100}, {"千", 1000}, {"仟", 1000}, {"十", 10}} {
		if s.hasAt(at, few.word) {
			if s.anyAt(at+len(few.word), "万", "亿", "元", "块") == 0 {
				return 0, at
			}
			at += len(few.word)
			unit = few.value
			break
		}
	}
	at = s.skipFew(at)
	switch {
	case s.hasAt(at, "个亿"):
		return unit * 10_000_000_000, at + len("个亿")
	case s.hasAt(at, "万亿"):
		return 0, at
	case s.hasAt(at, "亿"):
		return unit * 10_000_000_000, at + len("亿")
	case s.hasAt(at, "万"):
		return unit * 1_000_000, at + len("万")
	case s.hasAt(at, "w") && !letter(s.norm, at+1):
		return unit * 1_000_000, at + 1
	case s.hasAt(at, "k") && !letter(s.norm, at+1) && unit == 1:
		return 100_000, at + 1
	case unit > 1 && s.anyAt(at, "元", "块") > 0:
		return unit * 100, at
	}
	return 0, at
}

// skipFew skips what makes a number vague: 多, 来, 余, 几.
func (s *scanner) skipFew(at int) int { return at + s.anyAt(at, "多", "来", "余", "几") }

func letter(s string, at int) bool { return at < len(s) && 'a' <= s[at] && s[at] <= 'z' }

// formatMoney writes 分 the way people say it: 500万元, 1.5亿元, 3200元.
func formatMoney(fen int64) string {
	yuan := fen / 100
	switch {
	case yuan >= 100_000_000:
		return strconv.FormatFloat(float64(yuan)/1e8, 'f', -1, 64) + "亿元"
	case yuan >= 10_000:
		return strconv.FormatFloat(float64(yuan)/1e4, 'f', -1, 64) + "万元"
	}
	return strconv.FormatInt(yuan, 10) + "元"
}

// bareAmount finds a number without a unit where an amount is expected: 缺500流动资金, 金额：500.
func (s *scanner) bareAmount(from, to int) (yuan int64, at, end int) {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if !t.is(kDigits) || s.atomAt(t.from) != nil {
			continue
		}
		v, e, ok := s.number(t.from)
		if !ok || v < 10*one || v > 100_000*one || e < len(s.norm) && s.norm[e] == '%' || s.tokenAt(e) < len(s.toks) && s.toks[s.tokenAt(e)].is(kLatin) {
			continue
		}
		j := i - 1
		for j >= 0 && (s.toks[j].is(kSpace|kColon|kMeasure) || s.anyAt(s.toks[j].from, "约", "大概", "大约", "差不多", "个", "了", "到") > 0) {
			j--
		}
		behind := s.skipSpace(e)
		money := s.anyAt(behind, "左右的贷款", "流动资金", "资金", "贷款", "周转", "融资", "的贷款", "的资金", "左右资金", "左右周转", "左右") > 0
		if j >= 0 && (s.toks[j].field == fAmount || s.anyAt(s.toks[j].from, "缺", "贷", "借", "差", "融", "需要", "需", "要", "贷款", "融资", "想贷", "想借", "资金", "流动资金", "周转资金", "缺口") > 0) || money {
			return v / one, t.from, e
		}
	}
	return 0, 0, 0
}
