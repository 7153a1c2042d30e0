package understand

// term reads for how long money is wanted: 一年期, 期限12个月, 借半年, 3年.
func (s *scanner) term(from, to int, n *Need) {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		months, end := 0, t.to
		if s.hasAt(t.from, "半年") {
			months, end = 6, t.from+len("半年")
		} else if s.mayBeNumber(t) {
			v, e, ok := s.number(t.from)
			if !ok || v < one || v > 600*one {
				continue
			}
			k := s.anyAt(e, "个月", "个 月")
			switch {
			case k > 0:
				months, end = int(v/one), e+k
			case s.hasAt(e, "年半"):
				months, end = int(v/one)*12+6, e+len("年半")
			case s.hasAt(e, "年") && v <= 30*one:
				months, end = int(v*12/one), e+len("年")
			}
		}
		if months == 0 || end > to {
			continue
		}
		label, _ := s.labelBefore(t.from)
		period := s.anyAt(end, "期", "左右期") > 0 && s.anyAt(end, "期间", "期末") == 0
		lent := i > 0 && s.anyAt(s.toks[i-1].from, "贷", "借", "用", "周转", "贷款", "期", "借款", "使用", "为期", "租") > 0
		behind := s.anyAt(end, "的贷款", "贷款", "的流动资金", "的信用贷", "周转", "的周转", "还款", "归还", "还清") > 0
		if label == fTerm || period || s.anyAt(end, "内", "前", "后", "以内", "之内", "以后", "之后", "之前") == 0 && (lent || behind) {
			n.Term = months
			s.span(t.from, end, "term", itoa(int64(months))+"个月")
			return
		}
	}
}
