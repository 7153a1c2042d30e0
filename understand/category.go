package understand

// lianNames are the five ways of joining up (五联).
var lianNames = []string{"理论联学", "阵地联建", "活动联办", "发展联动", "品牌联创"}

// lianHints are the words that speak for each of them; the earlier line wins a tie.
var lianHints = []struct {
	lian  int
	words []string
}{
	{0, []string{"党课", "学习", "理论", "主题党日", "读书", "宣讲团", "研讨", "精神", "轮训", "党员大会", "组织生活会", "诵读", "红色教育", "党史", "集中学", "报告会"}},
	{1, []string{"揭牌", "阵地", "挂牌", "活动室", "基地", "共建共享", "场地共用", "共用场地", "共享空间", "党群服务"}},
	{3, []string{"对接", "课题", "签约", "融资", "攻关", "揭榜", "产业链", "技术", "银企", "供需", "订单", "招聘", "企业家", "路演", "产学研", "沙龙", "政策", "下午茶", "洽谈"}},
	{4, []string{"品牌", "案例", "示范", "典型", "创建", "评选", "发布会", "成果展", "展示"}},
	{2, []string{"志愿", "宣讲", "竞赛", "比武", "义诊", "献血", "科普", "普法", "慰问", "运动会", "比赛", "联欢", "春联", "植树", "文艺", "球赛", "健步", "参观", "座谈", "培训", "活动"}},
}

// suggestLian proposes one of the 五联 from the words of a title; "" where no word speaks for one.
func suggestLian(title string) string {
	best, score := "", 0
	for _, h := range lianHints {
		n := 0
		for _, w := range h.words {
			if contains(title, w) {
				n += len(w)
			}
		}
		if n > score {
			best, score = lianNames[h.lian], n
		}
	}
	return best
}
