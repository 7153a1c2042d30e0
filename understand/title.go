package understand

// activityWords say what is an activity. Longer words protect their parts: 会议室 is a place, 培训中心 too.
var activityWords = []words{
	{kActivity, "党日 主题党日 主题党日活动 联合主题党日 党日活动 党课 联合党课 微党课 专题党课 沙龙 座谈 座谈会 例会 季度例会 周例会 月例会 推进会 对接会 见面会 报告会 交流会 研讨会 分享会 联席会 联席会议 动员会 说明会 论坛 揭榜会 展示会 展览 早餐会 午餐会 茶话会 恳谈会 碰头会 协调会 调度会 总结会 表彰会 表彰大会 启动会 启动仪式 签约 签约会 签约仪式 揭牌 揭牌仪式 挂牌仪式 授牌 授牌仪式 仪式 发布会 成果发布 成果展 洽谈会 供需对接 银企对接 校企对接 银企对接会 产销对接 招聘会 双选会 宣讲会 推介会 评审会 论证会 答辩会 评议会 述职评议 述职 党员大会 党委会 党组会 支委会 支部大会 党小组会 组织生活会 民主生活会 理论学习 联学 大会 晚会 年会 联欢会 联欢 运动会 趣味运动会 家长会 听证会 协商会 议事会 理事会 座谈交流 工作会 工作会议 会议 全会 会 会商 圆桌会 圆桌会议 读书会 故事会 品鉴会 展销会 博览会 庙会 团拜会 欢送会 欢迎会 新春团拜 观影 看电影 电影 放映 复盘会 部署会 培训会 学习会 专题会 务虚会 咨询会 问诊会 诊断会 通气会 吹风会 民情恳谈 屋场会 院坝会 板凳会 擂台赛 擂台 交底会 签约日"},
	{kActivity, "党员志愿服务 党员志愿服务活动 党员学习日 党员活动日 党员培训 党员教育培训 培训 培训班 轮训 集训 讲座 讲堂 大讲堂 大讲坛 讲坛 公开课 课堂 微课堂 夜校 宣讲 宣讲活动 宣传 普法 普法宣传 科普 科普宣传 义诊 义诊活动 献血 无偿献血 义卖 义剪 志愿 志愿服务 志愿活动 服务日 志愿服务日 志愿者活动 清扫 大扫除 植树 植树活动 环保 巡河 净滩 慰问 走访 走访慰问 调研 考察 观摩 参访 见学 研学 学习 集中学习 学习活动 党史学习 培训活动 活动日 开放日 公益日 活动 活动周 宣传周 月活动 比赛 大赛 竞赛 知识竞赛 比武 技能比武 技能竞赛 技能大赛 球赛 篮球赛 乒乓球赛 羽毛球赛 足球赛 拔河 拔河比赛 拔河赛 友谊赛 联谊赛 联谊 邀请赛 挑战赛 歌咏 歌咏比赛 合唱 诵读 朗诵 演讲 演讲比赛 征文 书画展 摄影展 巡展 展演 汇演 文艺汇演 演出 展 路演 项目路演 融资路演 揭榜 攻关 会诊 咨询活动 法律咨询 咨询服务 咨询 体检 健步走 徒步 团建 拓展 素拓 拓展训练 骑行 登山 长跑 跑 马拉松 运动 打卡 下午茶 政企下午茶 早茶 咖啡时 午餐 聚餐 交友 相亲 游园 游园会 灯会 春联 送春联 送春联活动 写春联 包粽子 包饺子 联建 共建 共建活动 联建活动 结对 结对共建 帮扶 助农 助学 捐赠 捐款 募捐 体验 体验日 体验活动 演练 消防演练 应急演练 升旗 升旗仪式 宣誓 重温入党誓词 入党宣誓 祭扫 扫墓 悼念 公祭 纪念活动 庆祝 庆祝活动 表彰 颁奖 颁奖仪式 验收 评审 评选 开班 开班式 开班仪式 结业 开学第一课 第一课 第一议题 思政课 实践活动 主题活动 教育活动 主题教育 警示教育 红色教育 党性教育 集体学习 研讨 交流 交流活动 座谈研讨 分享 新春 茶会 论坛活动 市集 集市 赶集 大集 联合会议 双招双引 招商 招商推介 推介 推介活动 直播带货 带货 路演活动 创投 沙龙活动 早餐 党团活动 妇女节活动 节活动 家访 义务劳动 劳动 清洁 清洁行动 行动 专项行动 仪式活动 接力 快闪 合练 排练 彩排 阅读 共读 读书 读书班 读书活动 茶叙 圆桌 对话 对话会 面对面 问政 公开日 接待日 民主评议 换届 换届选举 选举 党代会 团日 团日活动 主题团日 政策宣讲 政策解读 政策解读会 解读 送法 送教 送岗 送医 送温暖 送清凉 进企业 进园区 进社区 进校园 进车间 双报到 报到 联训 联赛 联动 联创 开幕 开幕式 闭幕式 闭幕 启动 落成 剪彩 剪彩仪式 首发 首映 沉浸式体验 情景党课 红色观影 展播 大比拼 比拼 竞走 擂台比武 大练兵 练兵 演示 演示会 内训 公益 公益活动 问诊 把脉 体检日 问需 问计"},
	{kActivity, "企业服务日 企业开放日 企业家沙龙 企业家座谈会 企业行 企业联谊 企业家茶叙 企业家论坛 企业家早餐会"},
	{kActivity | kVisit, "参观 参观学习 参观考察 参观见学 参观交流 实地参观 考察学习 慰问活动"},
	{kVisit, "调研 考察 观摩 走访 慰问 参访 看望 走进"},
	{kHold, "举办 举行 搞 办 开 召开 开展 组织 组织开展 进行 安排 做 办个 搞个 开个 主办 承办 举办一场 做一场 办一场 开一场 开一次 搞一场 来场 弄 弄个 筹办 联合举办 联合开展 共同开展 共同举办 联合组织"},
	{kThing | kWhole, "活动 会议 会 活动安排 活动通知 通知 会议通知 活动预告 活动信息 预告 事 事情 一下 活动方案"},
	{kWhole, "参观 学习 联合 共同 联办 共建 支部 党支部 大家 时间 地点 人数 名额 报名 参加 集合 开始 结束 请假 上午 下午 晚上 中午 全天"},
	{0, "办公 办事 办理 办法 会员 会长 会计 会员单位 会务 会后 会前 会期 会费 会场 开发 开放 开通 开业 开工 开始 开心 开车 公开 开票 开户 做饭 做好 组织部 组织者 组织委员 展开 展望 发展 发展党员 行动力 跑步机 跑腿 学习强国 学习中心 学习室 培训中心 培训基地 培训室 活动场地 运动场 运动馆 会展 演播 共建单位 联动机制 活动经费 活动费 会心 机会 社会 工会 协会 商会 学会 一会 开会 等会 等会儿 社会组织 社会化 工商联 工作 阅读室 安排表 科普馆 科普基地 交流中心 体验店 体验馆 宣传部 宣传栏 办学 办证 环保局 环保材料 展示中心 启动资金 路演中心 联合会 基金会 理事单位 联合党委 联合体 生产 一起 联动区 劳动力 劳动合同 劳务 公益诉讼 演示文稿 放映厅 运动员 表彰名单 咨询公司 咨询费 交流群 展柜 验收报告 体检中心"},
}

// titleScore says how much the words in [from, to) look like the title of an activity.
func (s *scanner) titleScore(from, to int) int {
	last := s.lastToken(from, to)
	if last < 0 {
		return 0
	}
	for last > 0 && s.toks[last].is(kQuote) && s.toks[last].from > from {
		last--
	}
	score, noisy := 0, false
	first := s.tokenAt(from)
	for i := first; i <= last; i++ {
		t := &s.toks[i]
		if t.is(kActivity) {
			score = max(score, 5)
			if i == last {
				score = 9
			}
		}
		noisy = noisy || t.is(kNoise|kPolite|kThanks|kAsk|kRemind) && !t.is(kActivity)
	}
	if noisy && score < 9 {
		score -= 12
	} else if noisy {
		score -= 2
	}
	if first == last && s.toks[first].is(kWhole) {
		score -= 4
	}
	if n := runes(s.norm[from:to]); n > 28 {
		score -= 3
	} else if n == 1 {
		score -= 4
	}
	return score
}

// tightTitle trims a title: quotes, 关于 and a quantity before it, polite words behind it.
func (s *scanner) tightTitle(from, to int) (int, int) {
	for {
		f, t := s.trim(from, to)
		i := s.tokenAt(f)
		if f < t && i < len(s.toks) && s.toks[i].from == f && s.toks[i].to < t && (s.toks[i].is(kLead) || s.toks[i].is(kMeasure) && s.toks[i].to-s.toks[i].from > 3) {
			f = s.toks[i].to
		}
		if j := s.lastToken(f, t); j >= 0 && s.toks[j].from > f && s.toks[j].is(kTail|kPolite) {
			t = s.toks[j].from
		}
		if f == from && t == to {
			return from, to
		}
		from, to = f, t
		if from >= to {
			return from, from
		}
	}
}

// opens and closes are the brackets and quotes, in the same order.
const (
	opens  = "“‘「『《【([{<〔\"'"
	closes = "”’」』》】)]}>〕\"'"
)

// trim cuts white space, separators and unpaired or enclosing quotes off both ends.
func (s *scanner) trim(from, to int) (int, int) {
	for from < to {
		i := s.tokenAt(from)
		t := &s.toks[i]
		if t.from != from || !s.edge(t) || t.is(kQuote) && s.closedInside(t, to) {
			break
		}
		from = t.to
	}
	for from < to {
		i := s.tokenAt(to - 1)
		t := &s.toks[i]
		if t.to != to || !s.edge(t) || t.is(kQuote) && s.openedInside(t, from) {
			break
		}
		to = t.from
	}
	if from < to { // “…” around the whole
		i, j := s.tokenAt(from), s.tokenAt(to-1)
		if i < j && s.toks[i].from == from && s.toks[j].to == to && s.toks[i].is(kQuote) && s.toks[j].is(kQuote) && s.pairs(&s.toks[i], &s.toks[j]) {
			return s.trim(s.toks[i].to, s.toks[j].from)
		}
	}
	return max(from, 0), max(to, from)
}

func (s *scanner) edge(t *token) bool {
	if t.is(kSpace | kBreak | kComma | kList | kColon | kQuote) {
		return true
	}
	switch s.norm[t.from:t.to] {
	case "-", "—", "–", "~", "·", ".", "_", "的", "\\", "^", "→":
		return true
	}
	return false
}

func (s *scanner) pairs(open, shut *token) bool {
	for i, r := range []rune(opens) {
		if s.norm[open.from:open.to] == string(r) {
			return s.norm[shut.from:shut.to] == string([]rune(closes)[i])
		}
	}
	return false
}

// closedInside reports whether the quote that t opens is closed before to.
func (s *scanner) closedInside(t *token, to int) bool {
	for i := s.tokenAt(t.to); i < len(s.toks) && s.toks[i].to <= to && i < s.tokenAt(t.to)+64; i++ {
		if s.toks[i].is(kQuote) && s.pairs(t, &s.toks[i]) {
			return true
		}
	}
	return false
}

func (s *scanner) openedInside(t *token, from int) bool {
	for i := s.tokenAt(t.from) - 1; i >= 0 && s.toks[i].from >= from && i > s.tokenAt(t.from)-64; i-- {
		if s.toks[i].is(kQuote) && s.pairs(&s.toks[i], t) {
			return true
		}
	}
	return false
}
