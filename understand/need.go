package understand

import "strconv"

// needCategories are the categories of needs (domain: financing, labour, policy, sales, technology, premises, …).
var needCategories = []string{"融资", "用工", "政策", "销售", "技术", "场地", "物流", "证照", "法律", "税务", "人才", "党务", "环保", "能源", "其他"}

const (
	nFinance = iota
	nLabour
	nPolicy
	nSales
	nTech
	nPlace
	nFreight
	nPermit
	nLegal
	nTax
	nTalent
	nParty
	nGreen
	nEnergy
	nOther
)

// topics are the words that speak for a category, with their weight.
var topics = []struct {
	cat    uint8
	weight int8
	list   string
}{
	{nFinance, 4, "融资 贷款 信用贷 信贷 授信 股权融资 债权融资 流动资金 周转资金 资金周转 续贷 过桥 过桥资金 抵押贷 抵押贷款 信用贷款 助企信用贷 想贷 贷点 贷个 贷 借款 融资租赁 贴现 倒贷 转贷 资金缺口 缺钱 缺资金 资金紧张 资金困难 资金链 引入投资 风投 天使轮 投资人 投资机构 a轮 b轮 pre-a 股权投资 出让股权 增资 纾困资金 应收账款质押 知识产权质押 质押 担保 经营贷 贷到 借点钱 筹钱 筹资 贷点款 周转 缺口 垫资 拉投资 找投资 找钱 贷些 借 银行续不上 贷款额度 供应链金融 保理 贴息贷款 设备贷 科创贷 税贷 票据"},
	{nFinance, 2, "资金 银行 投资 利率 额度 钱 抵押 放款 股权 金融 出让"},
	{nLabour, 4, "招不到人 招不到 招不来人 招不来 留不住人 打包工 分拣工 印刷工 油漆工 水电工 木工 瓦工 泥工 缝制工 注塑工 冲压工 打磨工 抛光工 检验工 维修工 测试工 质检工 清洁工 配送员 店员 营业员 导购 收银员 服务员 化验员 采购员 统计员 资料员 安全员 施工员 造价员 美工 主播 翻译 讲解员 护士 药剂师 驾驶员 调度员 品管 工艺员 绘图员 外卖员 快递员 月嫂 护工 实验员 研究员 架构师 产品经理 运营专员 项目经理 急聘 招聘会计 财务 财务人员 前端 后端 测试工程师 运维 短期工 季节工 零工 兼职 销售经理 外贸员 学生 毕业生 本科生 研究生 大专生 硕士 博士 招聘 招工 用工 招人 缺人 缺工 招 招收 急招 诚聘 聘 招募 招录 缺工人 缺人手 人手不够 人手不足 人手紧张 人手 找人 技工 普工 操作工 焊工 电工 钳工 车工 铣工 数控操作工 叉车工 学徒 临时工 小时工 暑期工 寒假工 短工 派遣工 劳务派遣 灵活用工 劳务 实习生 应届生 订单班 保洁 保安 文员 客服 质检员 质检 司机 会计 出纳 仓管 仓管员 销售员 业务员 程序员 工程师 机械工程师 电气工程师 软件工程师 算法工程师 技术员 调试工 装配工 包装工 流水线工 裁缝 缝纫工 厨师 班组长 跟单员 设计师 车间主任 研发人员 熟练工 工人 搬运工 机修工 模具工 喷漆工 缺员 用人 岗位 找工人 共享员工"},
	{nPolicy, 5, "补贴 补助 奖补 政策 扶持政策 优惠政策 惠企政策 人才政策 贴息政策 奖励政策"},
	{nPolicy, 4, "想申报 扶持 高企认定 高新认定 高新技术企业认定 高新技术企业 所得税优惠 优惠 高企 专精特新 加计扣除 研发费用加计扣除 减免 税收优惠 稳岗补贴 申报条件 惠企 免申即享 政策咨询 政策解读 兑现 小巨人 技改 技改补贴 认定 退税 项目申报 科技项目 申报 资质认定 首台套 补贴申领 社保补贴 留抵退税 奖励 贴息 入库 高新企业 资金申报 租金补贴 房租减免 科小 科技型中小企业"},
	{nSales, 4, "推不出去 试点客户 目标客户 种子客户 潜在客户 新客户 大客户 下游客户 想进 打进 打入 想打进 想打入 找买家 处理库存 低价处理 销售 销路 卖 卖不出去 滞销 找客户 找买家 找渠道 渠道 推广 订单 集采 采购 推销 经销商 代理商 打开市场 拓展市场 拓市场 开拓市场 市场开拓 对接客户 供货 供应商 带货 直播带货 出口 外贸 客户 销不出去 库存积压 积压 库存 找下家 分销 进商超 商超 展位 广交会 展销 产销 产销对接 展会 参展 进园区集采 招投标 政府采购 样品推介 新品推广 团购 帮忙推销 上架 电商 经销 代销 找销路 打开销路 福利采购 推介产品 产品推介"},
	{nTech, 4, "技术难题 技术攻关 攻关 技术支持 专家 专家会诊 研发 联合研发 检测 检测设备 测量仪 检测仪 分析仪 显微镜 光谱仪 设备共享 仪器 工艺 良率 气孔 气孔率 难题 技术 产学研 横向课题 课题 成果转化 专利 合作开发 测试 试验 中试 小试 算法 配方 材料配方 解决方案 故障 精度 损耗 能耗 优化 技术问题 技术瓶颈 瓶颈 卡脖子 技术合作 教授 博士团队 高校团队 科研团队 科研院所 科研 数字化改造 智能化改造 改造 仿真 良品率 合格率 质量问题 揭榜 攻克 不良率 开裂 变形 镀膜 焊接 涂层 诊断 电镜 扫描电镜 失效分析 失效 成分分析 样机 打样 试制 3d打印 建模 软件开发 系统集成 国产替代 自动化改造 设备改造 产线改造 降本 高校 院校 院所 实验 共享实验室 共享仪器 技术专家 会诊"},
	{nPlace, 2, "借用 借个"},
	{nPlace, 4, "场地 厂房 租 租赁 租厂房 找厂房 求租 仓库 车间 办公室 办公场地 会议室 用地 土地 扩产 扩建 搬迁 面积 平米 平方 平方米 ㎡ 亩 租个 租一间 标准厂房 工业用地 停车位 车位 宿舍 员工宿舍 工位 办公用房 冷库 堆场 租金 报告厅 路演厅 实验场地 平 场所 礼堂 多功能厅 培训室 教室 租用 租借 腾地 落地空间 中试场地"},
	{nFreight, 3, "物流 货运 运输 限行 货车 大货车 快递 冷链 通勤车 班车 公交 没有公交 没公交 车进不来 发货 堵车 打车难 出行难"},
	{nEnergy, 3, "断电 断水 断网 限电 跳闸 电压 停电 用电 供电 电压 增容 供水 停水 水压 燃气 天然气 管网 蒸汽 供热 网络信号 电费 扩容"},
	{nPermit, 3, "证照 办证 营业执照 许可证 审批 环评审批 消防验收 施工许可 资质 备案 变更登记 注册登记"},
	{nLegal, 3, "货款收 货款要 货款回 尾款收 尾款要 法律 律师 合同纠纷 纠纷 维权 欠款 拖欠 诉讼 仲裁 侵权 起诉 货款拖欠"},
	{nTax, 3, "税务 开票 发票 纳税 个税 专项附加扣除 税率 报税"},
	{nTalent, 9, "人才公寓 人才住房 人才房 公租房 保障房 保障性租赁住房"},
	{nTalent, 3, "落户 子女入学 入学 上学难 人才引进 住房 学位 上学 转学"},
	{nParty, 3, "发展党员 组织关系 党员转接 党费 组建支部 成立党支部 党务"},
	{nGreen, 5, "废气检测 废水检测 噪声检测 噪音扰民 环评"},
	{nGreen, 3, "排污 废气 废水 危废 噪音 噪声 环保验收 污水 安全隐患 安全检查"},
}

// needWords turn a topic into a need.
var needWords = []words{
	{kWant, "求支援 支援 想在 求帮忙 求帮助 求助 求解 能不能帮 想 需要 急需 急缺 紧缺 求 求购 求租 求助 缺 缺口 希望 要 想要 寻求 寻找 寻 找 急 急求 急招 亟需 亟待 需 需求 诉求 要招 想招 想贷 想借 想租 想找 想问 想请 想咨询 想了解 计划招 拟招 打算招 差 不够 不足 困难 遇到 碰到 解决不了 卖不出去 没销路 难 招不到 招不到人 招不来 找不到 贷不下来 批不下来 申请 咨询 请教 反映 求解 有没有 谁有 谁家有 哪家有 哪里有 有人 有谁 求推荐 求介绍 求对接 求指导 求支持 求资源 求合作 求专家 求牵线 求引荐 寻求合作 拟 打算 计划 能不能帮 期望 盼 急用 要用 想申请 想申报 想做 缺钱 缺人 缺工 滞销 报诉求 报需求 提个诉求 提诉求 提个需求 提需求 登记诉求 登记需求 用工需求 融资需求 招 招聘 诚聘 急聘 招人 招工 还差 想把 打算招聘 找个 找几个 有难处 犯愁 愁 头疼 卡住 卡在 吃紧 紧张 困扰 拓展"},
	{kHelp, "求推荐 求介绍 求对接 求指导 求解 求助 求帮忙 求支持 求资源 求合作 求专家 能不能帮 求牵线 求引荐 寻求合作 帮忙 帮帮忙 帮个忙 帮助 牵线 牵个线 牵线搭桥 搭桥 对接 对接一下 介绍 推荐 支持 指导 协调 解决 会诊 支招 出主意 帮我们 帮忙对接 帮忙联系 帮忙介绍 请帮忙 求帮忙 谁能 哪位 有资源 有渠道 联系我 求帮助 帮企业 援助 辅导 答复 帮着 帮看看 帮下 引荐 资源 帮助解决"},
	{kOffer, "专业办理 代办 办理贷款 提供贷款 可贷 放款快 无抵押贷款 欢迎咨询 欢迎来电 详询 承接 低价出租 厂家直销 可免费借用 免费借用 欢迎使用 可提供 可以提供 能提供 提供贷款 我行 我们银行 我们行 利率低 本行 有闲置 有空余 有富余 可出租 可租 对外出租 出租 招租 可供 有空闲 免费提供 可共享 欢迎来租 可借用 转让 低价转让 我们这边可以 我校可 我院可 我所可 欢迎联系 有需要的 有需求的 有需要的企业 有需要可以 需要的可以 需要的联系 需要的可 有意者"},
}

// need reads one need from [from, to).
func (s *scanner) need(from, to int) Need {
	var n Need
	s.contact(from, to, &n.Contact, &n.Phone)
	s.needBy(from, to, &n)
	s.term(from, to, &n)
	cat := s.needCategory(from, to)
	if cat >= 0 {
		n.Category = needCategories[cat]
	}
	s.needAmount(from, to, cat, &n)
	if cat == nLabour || cat < 0 || cat == nTalent {
		n.Headcount = s.headcount(from, to, cat == nLabour)
	}
	s.company(from, to, &n)
	n.Text = s.needText(from, to)
	n.Missing = n.missing()
	return n
}

func (n *Need) missing() []string {
	var m []string
	if n.Phone == "" {
		m = append(m, "contact_phone")
	}
	if n.Category == needCategories[nFinance] && (n.Amount == 0 || n.Unitless) {
		m = append(m, "amount")
	}
	if n.Category == needCategories[nLabour] && n.Headcount == 0 {
		m = append(m, "headcount")
	}
	return m
}

// needCategory weighs the words; a category named behind 类别： or at the head (用工 招10名…) decides. -1 = none.
func (s *scanner) needCategory(from, to int) int {
	var score [16]int
	best, at := -1, 0
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if t.is(kLabel) && (t.field == fNeedKind || t.field == fLian) {
			if _, v, ok := s.labelAt(i); ok {
				if c := s.namedCategory(v); c >= 0 {
					s.span(v, min(to, v+len(needCategories[c])), "category", needCategories[c])
					return c
				}
			}
		}
		if !t.is(kTopic) || s.companyWord(i) || s.inContact(t) {
			continue
		}
		w := int(t.bias)
		if s.complaint {
			if t.is(kLack) {
				w += 4
			} else if t.cat == nPlace && t.is(kPlace) {
				w = 1
			}
			if i+1 < len(s.toks) && s.toks[i+1].is(kLack) {
				w += 3
			}
		}
		if i == s.firstWord(from) && s.namedCategory(t.from) >= 0 {
			w += 6
		}
		if t.cat == nLabour && s.anyAt(t.to-len("员"), "员", "师") > 0 {
			w++ // a job
		}
		if t.cat == nLabour && s.counted(i) {
			w += 3
		}
		if t.cat == nLabour && i > 0 && s.toks[i-1].is(kWant) || t.cat != nLabour && i > 0 && s.toks[i-1].is(kWant) {
			w += 2
		}
		score[t.cat] += w
		if best < 0 || score[t.cat] > score[best] {
			if best != int(t.cat) {
				at = i
			}
			best = int(t.cat)
		}
	}
	if best < 0 {
		for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
			if s.toks[i].is(kLabel) && s.toks[i].field == fAmount {
				return nFinance
			}
			if s.toks[i].is(kLabel) && s.toks[i].field == fHeadcount {
				return nLabour
			}
		}
	}
	if best >= 0 {
		s.span(s.toks[at].from, s.toks[at].to, "category", needCategories[best])
	}
	return best
}

// counted reports whether a number of people or pieces stands directly before token i: 50个临时工, 3名焊工.
func (s *scanner) counted(i int) bool {
	if i == 0 {
		return false
	}
	t := &s.toks[i-1]
	return s.anyAt(t.from, "个", "名", "位") > 0 && i > 1 && s.mayBeNumber(&s.toks[i-2]) || s.mayBeNumber(t)
}

// inContact reports whether a topic word belongs to the name of a person: 陈会计138….
func (s *scanner) inContact(t *token) bool {
	a := s.atomAt(t.from)
	return a != nil && (a.kind == aContact || a.kind == aCode)
}

// companyWord reports whether a topic word belongs to the name of a firm: 半导体检测公司.
func (s *scanner) companyWord(i int) bool {
	if s.toks[i].is(kCompany) && s.toks[i].bias <= 4 {
		return true
	}
	for j := i + 1; j < len(s.toks) && j <= i+2; j++ {
		if s.toks[j].is(kCompany) && s.anyAt(s.toks[j].from, "公司", "有限公司", "厂", "集团") > 0 {
			return true
		}
		if s.toks[j].kind != 0 {
			break
		}
	}
	return false
}

func (s *scanner) firstWord(from int) int {
	i := s.tokenAt(from)
	for i < len(s.toks) && s.toks[i].is(kSpace|kBreak|kColon|kQuote) {
		i++
	}
	return i
}

// namedCategory is the category whose name stands at offset at.
func (s *scanner) namedCategory(at int) int {
	for i, c := range needCategories {
		if s.hasAt(at, c) {
			return i
		}
	}
	for _, c := range [...]struct {
		word string
		cat  int
	}{{"招聘", nLabour}, {"招工", nLabour}, {"人力", nLabour}, {"贷款", nFinance}, {"资金", nFinance}, {"金融", nFinance}, {"市场", nSales},
		{"订单", nSales}, {"科研", nTech}, {"厂房", nPlace}, {"用地", nPlace}, {"补贴", nPolicy}, {"惠企", nPolicy}} {
		if s.hasAt(at, c.word) {
			return c.cat
		}
	}
	return -1
}

// notWanted are words before an amount that is not what is asked for.
var notWanted = []string{"营收", "营业额", "产值", "年产值", "注册资本", "注册资金", "销售额", "年销售", "单价", "欠款", "估值", "纳税", "货值", "收入", "利润", "原有贷款", "已有", "已贷", "月薪", "工资", "薪资", "年薪", "待遇", "租金", "房租"}

// needAmount reads how much money is asked for.
func (s *scanner) needAmount(from, to, cat int, n *Need) {
	for i := range s.atoms {
		t := &s.atoms[i]
		if t.kind != aMoney || t.from < from || t.to > to || s.otherMoney(t) {
			continue
		}
		if n.Amount == 0 || s.askedMoney(t) {
			n.Amount, n.AmountMin = t.n, t.lo
			text := formatMoney(t.n)
			if t.lo > 0 {
				text = formatMoney(t.lo) + "–" + text
			}
			s.span(t.from, t.to, "amount", text)
			if s.askedMoney(t) {
				return
			}
		}
	}
	if n.Amount != 0 || cat != nFinance {
		return
	}
	if yuan, f, e := s.bareAmount(from, to); yuan > 0 {
		n.Amount, n.Unitless = yuan, true
		s.span(f, e, "amount", strconv.FormatInt(yuan, 10)+"(?)")
	}
}

func (s *scanner) otherMoney(t *atom) bool {
	i := s.tokenAt(t.from)
	start := t.from
	for n := 0; n < 4 && i > 0 && !s.toks[i-1].is(kBreak|kComma); n++ {
		i--
		start = s.toks[i].from
	}
	for _, w := range notWanted {
		if contains(s.norm[start:t.from], w) {
			return true
		}
	}
	return false
}

func (s *scanner) askedMoney(t *atom) bool {
	label, _ := s.labelBefore(t.from)
	if label == fAmount {
		return true
	}
	i := s.tokenAt(t.from)
	return i > 0 && s.anyAt(s.toks[i-1].from, "贷", "借", "融", "缺", "贷款", "融资", "想贷", "需要", "需", "求") > 0
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
