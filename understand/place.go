package understand

import "unicode/utf8"

// placeWords say where the name of a place ends. Words that only look like places (办公室主任) have no role.
var placeWords = []words{
	{kPlace, "实验室 重点实验室 会议室 会议厅 报告厅 多功能厅 学术厅 路演厅 展厅 展示厅 大厅 礼堂 大礼堂 小礼堂 企业服务中心 企业服务站 活动室 党员活动室 活动中心 党群中心 党群服务中心 服务中心 中心 会客厅 洽谈室 接待室 培训室 教室 阶梯教室 阅览室 图书馆 图书室 电教室 机房 工作室 调解室 办公室 休息室 茶室 会所"},
	{kPlace, "广场 文化广场 公园 体育馆 体育场 球场 篮球场 足球场 羽毛球馆 游泳馆 健身房 操场 田径场 场馆 展馆 博物馆 纪念馆 陈列馆 科技馆 美术馆 文化馆 规划馆 体验馆 会展中心 展览馆 剧院 剧场 影院 电影院 影城 音乐厅 文化宫 少年宫 旧址 故居 遗址 烈士陵园 陵园 革命纪念馆 红色教育基地 教育基地"},
	{kPlace, "楼 号楼 大楼 办公楼 综合楼 科技楼 行政楼 教学楼 实训楼 主楼 附楼 裙楼 大厦 写字楼 座 栋 幢 厅 室 馆 层 院 大院 园 园区 产业园 科技园 软件园 工业园 创业园 孵化园 光谷 校区 厂区 景区 社区 小区 街区 街道 村 乡 镇 庄 路 街 巷 弄 门 北门 南门 东门 西门 门口 正门 大门 村口 路口 里 湾 湖 山 岛 江边 河边 海边 沙滩 码头 港"},
	{kPlace, "公司 总部 厂 工厂 车间 生产车间 智能车间 厂房 仓库 基地 实训基地 实践基地 产业基地 示范基地 站 工作站 服务站 车站 驿站 党群驿站 党建驿站 暖蜂驿站 店 咖啡 咖啡馆 咖啡厅 书吧 书店 书屋 农家书屋 书院 茶馆 茶室 酒店 宾馆 饭店 餐厅 食堂 饭堂 农庄 农家乐 民宿 献血车 献血屋 献血点 银行 支行 分行 医院 卫生院 诊所 学校 大学 学院 中学 小学 幼儿园 党校 职校 研究院 研究所 设计院 科学院 科学城 科技城 局 税务局 管委会 居委会 村委会 委员会 街道办 办事处 政府 市政府 区政府 法院 检察院 派出所 司法所 敬老院 养老院 福利院 空间 创客空间 共享空间 众创空间 阵地 据点 讲堂 会堂 党建馆 展区 展位 客厅 平台 露台 天台 地下室 停车场 大棚 果园 茶园 田间 祠堂 文化长廊 走廊 长廊 步道 绿道 前台 大堂 中庭 连廊 架空层 舞台 看台 训练馆 训练场 消防站 消防队 调度室 指挥中心 交易中心 创新中心 研发中心 体验中心 服务大厅 政务大厅 政务中心 政务服务中心 人才市场 人力资源市场 市场 商场 超市 广电中心 融媒体中心 演播厅 演播室 直播间 工地 项目部 变电站 电站 水库 林场 农场 牧场 合作社 苗圃 口袋公园 营地 青年营地 训练营 露营地 研学基地 陈列室 荣誉室 村史馆 院史馆 厂史馆 展览中心 产业中心 研究中心 检测中心 服务区 服务点 服务台 便民中心 综治中心 社工站 网点 大院 家属院 宿舍 宿舍楼 公寓 人才公寓 会客室 谈判室 党校 市委党校 省委党校 区委党校 县委党校 社科院 科协 文联 残联 红十字会 血站 中心血站 车管所 停车库 负一层 咖啡角 吧台 水吧 茶吧 茶吧间 食堂二楼 餐吧 大课室 演练场 实训室 实训中心 录播室 心理室 多媒体室 多媒体教室 智慧教室 礼仪厅 宴会厅 圆形剧场 文化站 文化中心 市民中心 妇联 工会 商会 侨联 工商联 总工会 团委 组织部 机关 局机关 空间站 创新港 创业谷 创新谷 大学城 生态园 植物园 动物园 湿地 滨江 栈道 桥 塔 亭 庭 廊 坊 城 谷 湾区 片区 开发区 高新区 新区"},
	{kOnline, "线上 腾讯会议 钉钉 钉钉会议 视频会议 飞书会议 企业微信会议 企微会议 线上会议 直播 zoom 云会议 网上 在线直播 视频号 微信群"},
	{kInPlace, "一楼 二楼 三楼 四楼 五楼 六楼 七楼 八楼 九楼 十楼 十一楼 十二楼 十三楼 十五楼 十六楼 十八楼 二十楼 顶楼 负一楼 楼下 楼上 门前 门外 对面 旁边 旁 集合 南侧 北侧 东侧 西侧 内 里面 附近 前 后面 一层 二层 三层 四层 五层 顶层 室内 室外 大厅内 院内"},
	{0, "办公室主任 中心组 中心工作 中心思想 门店 门锁 门槛 门类 院士 院长 园长 村民 村企 村支书 村干部 社区工作者 社区居民 社区干部 公司员工 厂长 路演 路线 街坊 城市 城乡 山东 山西 江山 湖南 湖北 站位 站点 店长 座谈 座位 层面 层次 院校 厅长 局长 村歌 镇长 乡村 乡村振兴 乡亲 乡镇 园丁 门诊 桥梁 基地建设 平台化 空间站课堂 银行家 商会会长 工会主席 学校长 市场化 市场部 市场开拓 机关干部 室友"},
}

// atWords stand before a place.
const atWords = "在 于 到 去 赴 前往 放在 设在 定在 安排在 借用 集合于 来 假座 地点在 走进 移步 假 选在"

// tightPlace trims a place to its name: without 在 before and 集合 or 举行 behind.
func (s *scanner) tightPlace(from, to int) (int, int) {
	from, to = s.trim(from, to)
	for again := true; again; {
		again = false
		for _, w := range [...]string{"地点", "就在", "都在", "都是", "定在", "设在", "放在", "安排在", "暂定", "仍在", "还在", "还是", "在", "于", "去", "到", "是", "为", "咱们", "我们", "借用", "换到", "改到", "我"} {
			if s.hasAt(from, w) && !s.insideWord(from+len(w)) && from+len(w) < to && !s.wordLonger(from, w) {
				from += len(w)
				again = true
				break
			}
		}
		for _, w := range [...]string{"大概", "大约", "差不多", "预计", "举行", "举办", "召开", "开展", "集合", "见面", "碰头", "进行", "吧", "哦", "哈", "呢", "啊", "了", "不变", "的", "开", "办", "搞", "见", "参加", "里面", "这边", "那边", "那里", "即可"} {
			if to-len(w) > from && s.norm[to-len(w):to] == w && !s.insideWord(to-len(w)) {
				to -= len(w)
				again = true
				break
			}
		}
		from, to = s.trim(from, to)
	}
	return from, to
}

// wordLonger reports whether the word at from is longer than w: 到 in 到账.
func (s *scanner) wordLonger(from int, w string) bool {
	t := s.toks[s.tokenAt(from)]
	return t.from == from && t.to-t.from > len(w)
}

// placeScore says how much the words in [from, to) look like the name of a place: 0 not at all, 3 surely.
func (s *scanner) placeScore(from, to int) int {
	last := s.lastToken(from, to)
	if last < 0 {
		return 0
	}
	t := &s.toks[last]
	score := 0
	switch {
	case t.is(kPlace):
		score = 3
		if t.to-t.from == 3 && t.from == from { // a single 村 or 门
			score = 0
		}
	case t.is(kOnline):
		score = 3
	case t.is(kInPlace) && t.from > from:
		score = 3
	case t.is(kDigits) && t.to-t.from >= 2 && t.to-t.from <= 4 && t.from > from: // 管委会515
		score = 2
	case t.is(kLatin) && t.from > from && t.to-t.from == 1:
		score = 1
	case t.is(kQuote) && s.norm[t.from] == ')':
		for i := last - 1; i >= 0 && s.toks[i].from > from; i-- {
			if s.norm[s.toks[i].from] == '(' {
				return s.placeScore(from, s.toks[i].from)
			}
		}
	case t.is(kBranch|kCompany) && !t.is(kActivity):
		score = 2
	}
	if score == 3 {
		return 3
	}
	r, _ := utf8.DecodeLastRuneInString(s.norm[from:to])
	if r == '室' || r == '楼' || r == '厅' || r == '号' && s.hasPlace(from, to) {
		score = max(score, 2)
	}
	if score == 0 && s.gaz != nil && s.gaz.whole(s.norm[from:to]) {
		score = 2
	}
	return score
}

func (s *scanner) hasPlace(from, to int) bool { return s.has(from, to, kPlace) }

// has reports whether a token with one of the roles lies in [from, to).
func (s *scanner) has(from, to int, k kind) bool {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if s.toks[i].is(k) {
			return true
		}
	}
	return false
}

// lastToken is the last token in [from, to), without white space.
func (s *scanner) lastToken(from, to int) int {
	if from >= to {
		return -1
	}
	i := s.tokenAt(to - 1)
	for i >= 0 && i < len(s.toks) && s.toks[i].from >= from {
		if !s.toks[i].is(kSpace) {
			return i
		}
		i--
	}
	return -1
}
