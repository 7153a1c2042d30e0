package handlers

import (
	"slices"
	"strings"
)

// kinds are the words for the categories of needs: names say the category and nothing else, topics say what is the matter,
// too. A configured category belongs to the first kind one of whose names it contains.
var kinds = [...]kind{
	newKind("融资 贷款 资金 金融 信贷 借款", "续贷 放款 授信 抵押 担保"),
	newKind("用工 招聘 招工 人力 劳务", "缺工 缺人 招人 普工"),
	newKind("政策 惠企 扶持", "补贴 申报 兑现 加计扣除"),
	newKind("销售 市场 销路", "订单 渠道 滞销 展销"),
	newKind("技术 科研 研发", "攻关 检测 产学研"),
	newKind("场地 厂房 用地 租赁 土地", "办公室 仓库 车间 租房"),
	newKind("物流 水电 能源 交通 运输", "停电 停水 供电 供水 用电 用水 燃气 供热 断网 网络 限行 堵车 路灯 道路"),
	newKind("证照 办证 审批 许可", "执照 资质 备案"),
	newKind("法律 维权 法务", "合同 纠纷 欠款 仲裁 律师"),
	newKind("税务 税收", "纳税 发票 开票 退税 个税"),
	newKind("人才 落户", "入学 子女 公寓 住房"),
	newKind("党务 党建", "组织关系 党费 支部"),
	newKind("环保 安全 环境 消防", "废气 废水 排污 噪音 噪声 危废 隐患"),
	newKind("其他 其它", ""),
}

type kind struct{ names, topics []string }

func newKind(names, topics string) kind { return kind{strings.Fields(names), strings.Fields(topics)} }

// kindOf is the place in kinds of a word: its name, or with topics also what it is about. -1 = none.
func kindOf(word string, topics bool) int {
	for i, k := range kinds {
		if slices.Contains(k.names, word) || topics && slices.Contains(k.topics, word) {
			return i
		}
	}
	return -1
}

// category is the configured category that a word is, is a part of, or means; "" for none.
func (d *Desk) category(word string) string {
	if slices.Contains(d.Categories, word) {
		return word
	}
	if len([]rune(word)) < 2 {
		return ""
	}
	for _, c := range d.Categories {
		if strings.Contains(c, word) {
			return c
		}
	}
	k := kindOf(word, true)
	if k < 0 {
		return ""
	}
	for _, c := range d.Categories {
		for _, name := range kinds[k].names {
			if strings.Contains(c, name) {
				return c
			}
		}
	}
	return ""
}

// namedCategory is the category that an answer names and says nothing besides: 应该算物流吧. Who does not know takes the last.
func (d *Desk) namedCategory(answer string) string {
	word := strings.Trim(answer, " ，,。.!！?？、")
	for _, w := range [...]string{"这个", "应该", "可能", "就", "属于", "算是", "算", "选", "是", "归"} {
		word = strings.TrimPrefix(word, w)
	}
	for range 3 {
		for _, w := range [...]string{"吧", "类的", "类", "诉求", "问题", "方面", "的"} {
			if rest := strings.TrimSuffix(word, w); rest != "" {
				word = rest
			}
		}
	}
	switch word {
	case "不知道", "不清楚", "不确定", "说不好", "说不清", "都不是", "都行", "随便", "别的", "没有":
		return d.Categories[len(d.Categories)-1]
	}
	return d.category(strings.TrimSpace(word))
}

// head cuts a category that was typed first: 环保 废气检测设备老化.
func (d *Desk) head(text string) (category, rest string) {
	const gaps = " ：:，,\n"
	word := text
	if i := strings.IndexAny(text, gaps); i >= 0 {
		word = text[:i]
	}
	rest = strings.TrimLeft(text[len(word):], gaps)
	for _, w := range [...]string{"类诉求", "诉求", "问题", "方面", "类"} {
		word = strings.TrimSuffix(word, w)
	}
	if category = d.category(word); category == "" {
		return "", text
	}
	if rest == "" && !d.empty(word) || kindOf(word, false) < 0 && !strings.Contains(category, word) {
		return category, text // 停电 says what is the matter
	}
	return category, rest
}

// ownWords are what people say only to begin, longest first.
var ownWords = strings.Fields("我们公司 我们企业 我们单位 本公司 我公司 反映一下 反应一下 我们 咱们 我要 我想 反映 反应 登记 提交 报告 咨询 求助 请教 帮忙 诉求 需求 问题 困难 " +
	"情况 事情 方面 企业 公司 单位 关于 类别 内容 一下 需要 想要 一个 一件 一些 有点 您好 你好 我 报 提 说 讲 事 有 个 件 些 想 要 的 了 请 帮 给 跟 您 你 类 求")

// empty reports whether a text holds nothing but such words and names of categories: 我要反映一个问题, 融资.
func (d *Desk) empty(text string) bool {
	for _, c := range d.Categories {
		text = strings.ReplaceAll(text, c, "")
	}
	for _, k := range kinds {
		for _, name := range k.names {
			text = strings.ReplaceAll(text, name, "")
		}
	}
	for _, w := range ownWords {
		text = strings.ReplaceAll(text, w, "")
	}
	return strings.Trim(text, " ，,。.!！?？、：:；;~～…\n") == ""
}

// named finds the category whose name an otherwise empty text says: 我想反映一个融资问题.
func (d *Desk) named(text string) string {
	for _, c := range d.Categories {
		if strings.Contains(text, c) {
			return c
		}
	}
	for _, k := range kinds {
		for _, name := range k.names {
			if strings.Contains(text, name) {
				return d.category(name)
			}
		}
	}
	return ""
}
