package zhtime

import (
	"sync"
	"unicode/utf8"
)

// class is what a token can do in the grammar.
type class uint8

const (
	cOther class = iota // anything that is no part of a time expression
	cBreak              // end of sentence or line
	cNum                // val, digits, cn
	cColon              // punctuation
	cComma
	cDot
	cMidDot
	cSlash
	cDash
	cList // 、
	cOpen
	cClose
	cTo          // ~ — (0), 到 至 (1), 直到 (2)
	cAnd         // 和 或
	cFrom        // 从
	cDe          // 的
	cDi          // 第
	cGe          // 个
	cHalf        // 半
	cMod         // 上 本 下: val
	cRelDay      // 明天: val = days from today
	cRelSpan     // 明后天: val = first of two days
	cMonthOff    // 次月: val = months from the month spoken of
	cQuarterName // Q1, only after a year: val
	cSameDay     // 当天, 次日: val = days from the day spoken of
	cToday       // 今, only before a part of day
	cPart        // 上午: val = part
	cShort       // 早 晚 夜: val = part, only next to a date or a clock
	cAllDay
	cWeekday // val = mask, bit 0 = Monday
	cWeek    // 周
	cWeekend
	cYearWord // 明年: val
	cYear     // 年
	cMonth    // 月
	cDay      // 日
	cHao      // 号
	cTian     // 天
	cQuarter  // 季度
	cHour     // 小时
	cMinute   // 分钟
	cSecond
	cMark    // 点 时
	cFen     // 分
	cKe      // 刻
	cKeZhong // 刻钟
	cSharp   // 整
	cPast    // 过
	cLess    // 差
	cWorkday
	cHalfYear  // 上半年: val 1, 2
	cMonthPart // 月底: val = span
	cYearPart  // 年底
	cQuarterEnd
	cPos       // 底 末 中 after a month
	cChu       // 初
	cLunar     // 农历
	cSolar     // 公历
	cMonthName // 元月: val
	cLunarM    // 正月: val
	cLeap      // 闰
	cBigYear   // 大年
	cFestival  // val = index
	cHoliday   // 期间
	cNearFest  // 节前 节后: val
	cYearAhead // 年前
	cBefore
	cAfter
	cWithin
	cBy      // 截止, before or after
	cByFirst // 最晚, before
	cUntil   // 为止, after
	cStart   // 起, 开始
	cBetween
	cApprox // 左右 大约
	cNext   // 未来
	cLast   // 最后
	cFirst  // 首个
	cLasting
	cEvery
	cEachOther // 隔
	cTimes     // 次
	cUnique    // 天天: val = period
	cOffWork   // 下班
)

// part is a part of day.
type part uint8

const (
	partNone part = iota
	partDawn
	partMorning
	partForenoon
	partNoon
	partAfternoon
	partDusk
	partEvening
	partNight
	partAM
	partPM
)

var partNames = [...]string{"", "凌晨", "早上", "上午", "中午", "下午", "傍晚", "晚上", "半夜", "上午", "下午"}

// spans within a month or a year.
const (
	spanEarly = iota + 1 // 初
	spanMiddle
	spanLate
	spanFirstTen
	spanSecondTen
	spanLastTen
	spanFirstHalf
	spanSecondHalf
)

// vocabulary is written folded. The longest word wins; words of class cOther are there to win against their prefixes.
var vocabulary = []struct {
	class class
	val   int32
	words string // separated by blanks
}{
	{cRelDay, -3, "大前天 大前日"}, {cRelDay, -2, "前天 前日"}, {cRelDay, -1, "昨天 昨日 昨儿 琴日 噚日"},
	{cRelDay, 0, "今天 今日 今儿 今儿个 本日 即日"}, {cRelDay, 1, "明天 明日 明儿 明儿个 听日 聽日"}, {cRelDay, 2, "后天 后日 后儿"},
	{cRelDay, 3, "大后天 大后日"}, {cRelDay, 4, "大大后天"},
	{cRelSpan, 0, "今明两天 今明两日"}, {cRelSpan, 1, "明后天 明后两天 明后两日"},
	{cMonthOff, 0, "当月 同月"}, {cMonthOff, 1, "次月 翌月"},
	{cQuarterName, 1, "q1"}, {cQuarterName, 2, "q2"}, {cQuarterName, 3, "q3"}, {cQuarterName, 4, "q4"},
	{cSameDay, 0, "当天 当日 同日 同一天"}, {cSameDay, 1, "次日 翌日 隔天 第二天 第二日"},
	{cToday, 0, "今"}, {cToday, 1, "明"}, {cToday, -1, "昨"},

	{cPart, int32(partDawn), "凌晨 拂晓"},
	{cPart, int32(partMorning), "早上 早晨 清晨 清早 大清早 一早 一大早 早间 晨间 黎明 大早上"},
	{cPart, int32(partForenoon), "上午 午前 上半天"}, {cPart, int32(partNoon), "中午 正午 午间 晌午"},
	{cPart, int32(partAfternoon), "下午 午后 下半天 晏昼 晏晝"}, {cPart, int32(partDusk), "傍晚 黄昏 傍黑"},
	{cPart, int32(partEvening), "晚上 晚间 夜晚 夜间 入夜"}, {cPart, int32(partNight), "夜里 半夜 深夜 午夜 大半夜 下半夜 后半夜 子夜"},
	{cPart, int32(partAM), "am a.m. a.m"}, {cPart, int32(partPM), "pm p.m. p.m"},
	{cShort, int32(partMorning), "早 晨"}, {cShort, int32(partEvening), "晚 夜"},
	{cAllDay, 0, "全天 整天 一整天 白天"},
	{cOffWork, 0, "下班"},

	{cMod, -1, "上"}, {cMod, 0, "本 这 此 当"}, {cMod, 1, "下"},
	{cWeek, 0, "周 星期 礼拜"}, {cWeekend, 0, "周末 双休日 双休"},
	{cYearWord, -2, "前年"}, {cYearWord, -1, "去年 上年 上一年"}, {cYearWord, 0, "今年 本年 今年度 本年度 这一年"},
	{cYearWord, 1, "明年 来年 次年 翌年 下年 下一年 明年度 下年度"}, {cYearWord, 2, "后年"}, {cYearWord, 3, "大后年"},
	{cYear, 0, "年 年度"}, {cMonth, 0, "月 月份"}, {cDay, 0, "日"}, {cHao, 0, "号"}, {cTian, 0, "天"},
	{cQuarter, 0, "季度 季"}, {cHour, 0, "小时 钟头 钟 h hr hrs hour hours"}, {cMinute, 0, "分钟 min mins"}, {cSecond, 0, "秒 秒钟"},
	{cMark, 0, "点 点钟"}, {cMark, 1, "时"}, {cFen, 0, "分"}, {cKe, 0, "刻"}, {cKeZhong, 0, "刻钟"},
	{cSharp, 0, "整 正"}, {cPast, 0, "过"}, {cPast, 1, "再过 再等"}, {cLess, 0, "差"}, {cHalf, 0, "半"}, {cGe, 0, "个"},
	{cWorkday, 0, "工作日 交易日"},

	{cHalfYear, 1, "上半年 前半年"}, {cHalfYear, 2, "下半年 后半年"},
	{cMonthPart, spanEarly, "月初"}, {cMonthPart, spanMiddle, "月中"}, {cMonthPart, spanLate, "月底 月末 月尾"},
	{cMonthPart, spanFirstTen, "上旬 月上旬"}, {cMonthPart, spanSecondTen, "中旬 月中旬"}, {cMonthPart, spanLastTen, "下旬 月下旬"},
	{cMonthPart, spanFirstHalf, "上半月"}, {cMonthPart, spanSecondHalf, "下半月"},
	{cYearPart, spanEarly, "年初"}, {cYearPart, spanMiddle, "年中"}, {cYearPart, spanLate, "年底 年末 年尾 岁末 年终"},
	{cQuarterEnd, spanLate, "季度末 季末 季度底"}, {cQuarterEnd, spanEarly, "季度初 季初"},
	{cPos, spanLate, "底 末 尾"}, {cPos, spanMiddle, "中"}, {cChu, 0, "初"},
	{cLunar, 0, "农历 阴历 旧历 夏历"}, {cSolar, 0, "公历 阳历 新历 西历"},
	{cMonthName, 1, "元月 元月份"}, {cLunarM, 1, "正月"}, {cLunarM, 11, "冬月"}, {cLunarM, 12, "腊月"}, {cLeap, 0, "闰"}, {cBigYear, 0, "大年"},
	{cHoliday, 0, "期间 假期 假日 放假 长假 小长假 黄金周 放假期间 假期期间"},
	{cNearFest, -1, "节前"}, {cNearFest, 1, "节后"}, {cYearAhead, 0, "年前"},

	{cBefore, 0, "前 之前 以前"}, {cAfter, 0, "后 之后 以后 过后 往后"}, {cWithin, 0, "内 之内 以内"},
	{cBy, 0, "截止 截至 截止到 截至到 截止至 截止于 截止时间 截止日期 截止日 止于 截"},
	{cByFirst, 0, "最晚 最迟 不晚于 不迟于 不得晚于 不得迟于 不超过 不得超过 赶在 务必在 务必于"},
	{cUntil, 0, "为止 止"},
	{cStart, 0, "起 开始 起始 开始起 始"}, {cBetween, 0, "之间 间 中间"},
	{cApprox, 0, "左右 前后 上下 许 大约 大概 约 差不多 大致"},
	{cNext, 0, "未来 接下来 今后 往后 接下去 未来的 接下来的 今后的"},
	{cLast, 0, "最后"}, {cLast, 1, "倒数"}, {cFirst, 0, "首个 头一个 头个"},
	{cLasting, 0, "时长 持续 历时 为期 用时 耗时 共 共计 总共 一共 预计 时间约 时间为 会期 连续"},
	{cEvery, 0, "每 每逢 每到"}, {cEachOther, 0, "隔"}, {cTimes, 0, "次 场 回 期 趟 篇 遍"},
	{cUnique, 0, "天天"},
	{cTo, 1, "到 至"}, {cTo, 2, "直到 直至 一直到"}, {cAnd, 0, "和 与 跟 及 以及 或 或者 还是 或是"}, {cFrom, 0, "从 自 由 自从"},
	{cDe, 0, "的"}, {cDi, 0, "第"},

	{cOther, 0, "两点一线 三点一线 一点一滴 一点点 一点也 一时半会 下午茶 上午茶 早茶 午茶 晚茶 早安 晚安 早上好 上午好 中午好 下午好 晚上好 周末愉快 周末快乐 周末好 早班 晚班 夜班 早操 夜话 晚课 晚自习 腊八粥 元宵汤 几十 几百 几千 数十 数百 数千 几个 几天 几年 几周 几小时 几分钟 几点 几号 几月 年前后"},
	{cOther, 0, "晚会 晚宴 晚餐 晚饭 晚报 晚点 晚辈 晚期 晚婚 早餐 早饭 早会 早报 早点 早日 早已 早期 早就 早教 夜校 夜市 夜跑 夜景 夜宵"},
	{cOther, 0, "点评 点位 点名 点赞 点击 点亮 点心 点对点 分享 分会 分公司 分队 分工 分管 分支 分析 分别 分组 分期 时代 时候 时刻 时效 时期"},
	{cOther, 0, "日常 日程 日报 日均 日产 日志 月报 月度 月饼 月嫂 月薪 年报 年会 年轻 年级 年龄 年货 年薪 年检 年审 年纪 年产 年味 年夜饭 天气 天津 天然 天地 天使 天河 周年 周期 周边 周围 周刊 周报 周到 周转 周密 周知"},
	{cOther, 0, "前往 前来 前期 前面 前台 前提 前端 前任 前沿 前景 前进 前排 前夕 前列 前言 后续 后面 后台 后期 后勤 后来 后备 后边 后方 后果 后援 后代 内部 内容 内地 内蒙 内存 内测 内外 内涵 内训"},
	{cOther, 0, "同时 当时 有时 及时 准时 按时 随时 临时 平时 小时候 一时 至少 至于 至多 甚至 过程 过去 过年 过节 过来 通过 经过 超过 不过 差异 差距 差旅 整体 整理 整改 正式 正在 正常 正好 正确 正面 半导体 半成品 初步 初创 初级 初次 初审 初心 中国 中心 中央 中小 中午饭 中型 中介 底层 底座 末端"},
	{cOther, 0, "号码 号召 号楼 号线 号馆 号厂房 号会议室 号会议厅 号厅 号院 号门 号库 号车间 号展 号教 号机 号文 号店 号地 号路 号桥 号井 号码头 号仓 号室 号房 号桌 号台 号栋 号幢 号位 号公馆 号写字 号报告厅 号多功能 号活动室 号路演 号培训 号工 号岛 号口 号礼堂 号基地 号实验 号办公 号柜 号窗口 号平台 号产线 号生产 号出口 号通道"},
	{cOther, 0, "季度报 个体 个人 个性 个别 下降 下面 下属 下载 下发 下达 下沉 下游 上面 上游 上传 上报 上级 上线 上市 上海 上门 本地 本人 本身 本次 本科 当地 当前 当面 当中 此前 此次 此外 此后 这样 这些 这里"},
	{cOther, 0, "从事 从业 从而 自己 自动 自主 自身 自由 自愿 自觉 由于 间接 止血 共同 共建 共享 共产 共青 连续剧 期限 期望 期待 期末 场地 场所 场馆 场景 场次 回复 回答 回来 回去 回访 次数 起来 起草 起步 许多 许可 约定 约束 约谈 上下游 上下班 结束语 与会 跟进 跟踪 及格 和谐 和平 到位 到达 到场 到期 到账 到底 到会 末尾 尾款 的话 第三方 第一书记 第一时间 第一议题 第一线 第一批 一天到晚 节后感"},
}

// word is one entry of the vocabulary's index.
type word struct {
	runes []rune
	class class
	val   int32
}

// lexicon finds words by their first rune, longest first.
var lexicon = sync.OnceValue(func() map[rune][]word {
	index := map[rune][]word{}
	add := func(s string, c class, val int32) {
		rs := []rune(s)
		list := index[rs[0]]
		i := 0
		for i < len(list) && len(list[i].runes) >= len(rs) {
			i++
		}
		list = append(list, word{})
		copy(list[i+1:], list[i:])
		list[i] = word{rs, c, val}
		index[rs[0]] = list
	}
	for _, v := range vocabulary {
		eachField(v.words, func(s string) { add(s, v.class, v.val) })
	}
	for i, f := range festivals {
		eachField(f.names, func(s string) { add(s, cFestival, int32(i)) })
	}
	return index
})

func eachField(s string, f func(string)) {
	from := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == ' ' {
			if i > from {
				f(s[from:i])
			}
			from = i + 1
		}
	}
}

// lookup finds the longest word at text[at:], whose first folded rune is r, and the offset behind it.
func lookup(index map[rune][]word, text string, at int, r rune, size int) (word, int, bool) {
next:
	for _, w := range index[r] {
		end := at + size
		for _, want := range w.runes[1:] {
			got, n := utf8.DecodeRuneInString(text[end:])
			if n == 0 || fold(got) != want {
				continue next
			}
			end += n
		}
		return w, end, true
	}
	return word{}, 0, false
}
