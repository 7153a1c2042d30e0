package understand

// headcount adds up the people that are sought: 招10名机械工程师, 两个会计一个出纳, 5名焊工、3名电工.
func (s *scanner) headcount(from, to int, labour bool) int {
	sum, last, first := int64(0), 0, 0
	add := func(n int64, f, t int) {
		if n <= 0 || n > 100_000 {
			return
		}
		if sum == 0 {
			first = f
		}
		sum += n
		last = t
	}
	labelled := false
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to && !labelled; i++ {
		t := &s.toks[i]
		if t.is(kLabel) && (t.field == fHeadcount || t.field == fCapacity) {
			if _, at, ok := s.labelAt(i); ok && at < to {
				at += s.anyAt(at, "约", "大概", "大约", "不少于", "至少")
				if v, end, ok := s.number(at); ok && v >= one && v%one == 0 {
					labelled = true
					if next := s.rangeMark(end); next > end {
						if hi, e, ok := s.number(next); ok && hi > v {
							v, end = hi, e
						}
					}
					add(v/one, at, end)
				}
			}
		}
	}
	if !labelled && labour {
		total := int64(0)
		for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
			t := &s.toks[i]
			if t.from < last || !s.mayBeNumber(t) {
				continue
			}
			if a := s.atomAt(t.from); a != nil && a.kind != aPeople {
				continue
			}
			if a := s.atomAt(t.from); a != nil {
				if a.from != t.from {
					continue
				}
				if s.haveNow(i) {
					last = a.to
					continue
				}
				for j := i - 1; j >= 0 && j >= i-2; j-- {
					if s.anyAt(s.toks[j].from, "共", "一共", "总共", "共计", "合计", "总计") > 0 {
						total = a.n
					}
				}
				add(a.n, a.from, a.to)
				continue
			}
			v, end, ok := s.number(t.from)
			if !ok || v%one != 0 || v == 0 {
				continue
			}
			next := s.skipSpace(end)
			if n := s.anyAt(end, "多个", "来个", "几个", "个", "多名", "多位"); n > 0 {
				if !s.has(end+n, min(to, end+n+18), kTopic|kPerson) || s.anyAt(end+n, "月", "星期", "小时", "岗位", "部门", "问题", "工作日", "亿", "班") > 0 {
					continue
				}
				add(v/one, t.from, end+n)
			} else if k := s.tokenAt(next); k < len(s.toks) && s.toks[k].from == next && s.toks[k].is(kTopic) && s.toks[k].cat == nLabour && s.toks[k].to-s.toks[k].from >= 6 {
				add(v/one, t.from, end)
			} else if s.jobBefore(i) && s.unitless(end) && v < 1000*one { // 焊工5
				add(v/one, t.from, end)
			}
		}
		if total > 0 {
			sum = total
		}
	}
	if sum == 0 && labour {
		for i := s.tokenAt(from); i+1 < len(s.toks) && s.toks[i+1].from < to; i++ { // 想找名懂日语的业务员
			if s.anyAt(s.toks[i].from, "找", "招", "聘", "缺", "想找", "想招", "找个", "招聘", "急招", "需要", "要") > 0 && (s.hasAt(s.toks[i].to, "名") || s.hasAt(s.toks[i].to, "位")) {
				add(1, s.toks[i].to, s.toks[i+1].to)
				break
			}
		}
	}
	if sum > 0 {
		s.span(first, last, "headcount", itoa(sum))
	}
	return int(sum)
}

// haveNow reports whether a count is of people who are there already: 现有员工50人.
func (s *scanner) haveNow(i int) bool {
	for n := 0; n < 4 && i > 0; n++ {
		i--
		if s.toks[i].is(kBreak | kComma) {
			return false
		}
		if s.anyAt(s.toks[i].from, "现有", "已有", "员工", "职工", "目前有", "共有员工", "规模", "已招", "公司有", "厂里有") > 0 {
			return true
		}
	}
	return false
}

func (s *scanner) jobBefore(i int) bool {
	for i > 0 && s.toks[i-1].is(kSpace|kColon) {
		i--
	}
	return i > 0 && s.toks[i-1].is(kTopic) && s.toks[i-1].cat == nLabour && s.toks[i-1].to-s.toks[i-1].from >= 6
}
