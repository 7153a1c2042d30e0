package understand

// complaintWords say what is wrong, and what it is that is wrong where that belongs to nobody in particular.
var complaintWords = []words{
	{kLack, "坏了 坏 坏掉 没人修 没人管 没人理 无人管 无人修 不够住 不够用 不够 没地方住 进不来 进不去 出不去 出不来 过不去 开不进来 开不进去 限行 堵 堵车 堵死 拥堵 续不上 续不上了 续不了 续不下来 不过关 不达标 超标 停电 停水 断电 断水 断网 跳闸 漏水 漏雨 渗水 老化 招不到 招不到人 招不来 招不来人 留不住 留不住人 没地方 没处放 发不出去 卖不动 卖不出去 卖不掉 开工不足 吃紧 困难 难 不畅 不稳 不稳定 坑坑洼洼 积水 太贵 扰民 跟不上 办不下来 批不下来 贷不下来 拖欠 没着落 周转不开 周转不过来 周转困难 缺 紧缺 急缺 缺人 缺钱 缺工 不足 太少 没订单 没活干 没活 涨价 积压 滞销 塌了 破损 破了 太暗 不亮 没有公交 没公交 没有车位 没人清运 没人清理 没人打扫 没人处理 过不了 通不过 没信号 信号差 太吵 臭味 异味 乱停 乱停乱放 没车位 停车难 上学难 吃饭难 打车难 银行续不上 银行续不上了 运不出去 运不进来 资金紧张 资金困难 缺资金 周转不灵 收不回来 要不回来 投诉 卡住 卡在 过期 到期"},
	{kFacility, "停车难 吃饭难 打车难 信号差 没信号 没有车位 没车位 路灯 路面 道路 路口 绿化 绿化带 垃圾 垃圾桶 下水道 排水 井盖 电梯 门禁 红绿灯 公厕 厕所 卫生间 充电桩 公交站 消防栓 消防通道 围墙 监控 停车 食堂 用餐 吃饭 治安 网络 宽带 手机信号 信号"},
	{0, "不足以 难得 难忘 难免 灾难 难道 网络安全 困难党员 困难群众 困难职工 困难家庭 困难学生 困难户 道路交通 绿化活动 垃圾分类 到期日 会议室空调 投诉处理 难关 难度"},
}

// complains reads a need that is told as a complaint, without a verb of asking: 园区路灯坏了好几个月没人修, 停电.
func (s *scanner) complains(g *signs) (Reading, bool) {
	asksFor := g.kinds&(kFacility|kTopic) != 0 && s.find("希望", "建议", "能不能", "可不可以", "能否", "请求") && s.find("增加", "增设", "加装", "安装", "装个", "装一个", "修", "改善", "清理", "开通", "加开", "配")
	if g.kinds&kLack == 0 && !asksFor || g.issue || g.keys > 0 || g.attend || g.code || g.kinds&(kHearsay|kIf|kOffer|kThanks|kCancel|kRemind|kSign) != 0 {
		return Reading{}, false
	}
	lacks, things, both, wish := 0, 0, 0, g.help
	for i := range s.toks {
		t := &s.toks[i]
		if s.inMention(i) {
			continue
		}
		wish = wish || t.is(kWant) && !t.is(kLack|kTopic)
		topic := t.is(kTopic) && t.bias >= 3 && !s.companyWord(i) || t.is(kFacility) || t.is(kCompany) && s.namedCategory(t.from) == nFreight
		switch {
		case t.is(kLack) && topic:
			both++
		case t.is(kLack):
			lacks++
		case topic:
			things++
		}
	}
	if asksFor { // 希望园区增加充电桩
		lacks, wish = lacks+1, true
	}
	if lacks+both == 0 || lacks > 0 && things+both == 0 {
		return Reading{}, false
	}
	lasting := s.find("没人修", "没人管", "没人理", "到现在", "至今", "一直", "还没", "还是", "老是", "经常", "总是", "天天", "仍")
	switch {
	case g.past > 0 && !lasting && !g.wish && !g.help, g.news > 0 && !g.we && !g.phone, g.others,
		s.find("修好", "好了", "解决了", "恢复", "通电", "来电了", "已修", "已解决", "通知", "公告", "检修", "注意", "路上", "天气", "晚点", "迟到", "绕行", "出行", "隔壁", "别的", "别家", "人家", "他们", "她们", "友商", "同行", "电影", "小说", "新闻"):
		return Reading{}, false
	case g.ask && !g.we && !g.wish && !s.find("怎么办", "咋办", "能不能", "可不可以", "能否", "怎么解决", "咋解决", "管不管", "有人管", "谁管"):
		return Reading{}, false
	case (g.future > 0 || g.title) && !g.we && !g.wish && !g.help && things+lacks < 2:
		return Reading{}, false
	case g.title && (g.clock || g.day) && g.hold:
		return Reading{}, false
	}
	s.complaint = true
	n := s.need(0, len(s.norm))
	s.complaint = false
	if n.Category == "" {
		n.Category = needCategories[nOther]
	}
	r := Reading{Intent: NeedCreate, Confidence: doubtful, Need: &n}
	known := g.we || wish || g.phone || n.Amount > 0
	switch n.Category { // who names these speaks of a fault; who only names labour or loans may be sighing
	case needCategories[nFreight], needCategories[nEnergy], needCategories[nGreen], needCategories[nOther]:
		known = known || n.Company == "" && (things > 0 || s.has(0, len(s.norm), kPlace))
	default:
		known = known || s.has(0, len(s.norm), kPlace) && n.Company == "" && !g.ask
	}
	if s.namedCategory(s.toks[s.firstWord(s.head())].from) >= 0 && lacks+things > 1 && n.Company == "" {
		known = known || s.spaced(s.firstWord(s.head()))
	}
	if known && (lacks > 0 && things > 0 || both > 0) {
		r.Confidence = 0.7
	}
	if g.me && !g.we && !wish || g.chat > 0 && n.Category == needCategories[nOther] && lacks == 0 {
		r.Confidence = doubtful
	}
	return r, true
}

// spaced reports whether white space follows token i: 融资 流动资金500.
func (s *scanner) spaced(i int) bool {
	return i+1 < len(s.toks) && s.toks[i+1].is(kSpace|kComma|kColon)
}
