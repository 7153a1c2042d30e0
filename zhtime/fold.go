package zhtime

// fold maps a rune to the form that the vocabulary is written in: half-width, simplified, small ASCII letters.
func fold(r rune) rune {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case 0xFF01 <= r && r <= 0xFF5E:
		return fold(r - 0xFEE0)
	case r == 0x3000 || r == 0xA0:
		return ' '
	case r < 0x4E00:
		return r
	}
	return simplified(r)
}

// simplified folds the traditional characters that occur in the vocabulary, and the capital numerals.
func simplified(r rune) rune {
	switch r {
	case '點':
		return '点'
	case '後':
		return '后'
	case '週':
		return '周'
	case '號':
		return '号'
	case '時':
		return '时'
	case '兩':
		return '两'
	case '個', '箇':
		return '个'
	case '鐘', '鍾':
		return '钟'
	case '禮':
		return '礼'
	case '這':
		return '这'
	case '內':
		return '内'
	case '農':
		return '农'
	case '曆', '歷', '历':
		return '历'
	case '陰':
		return '阴'
	case '陽':
		return '阳'
	case '節':
		return '节'
	case '過':
		return '过'
	case '從':
		return '从'
	case '間':
		return '间'
	case '開':
		return '开'
	case '結':
		return '结'
	case '國':
		return '国'
	case '慶':
		return '庆'
	case '勞':
		return '劳'
	case '動':
		return '动'
	case '兒':
		return '儿'
	case '婦':
		return '妇'
	case '聖':
		return '圣'
	case '誕':
		return '诞'
	case '臘':
		return '腊'
	case '來':
		return '来'
	case '當':
		return '当'
	case '雙':
		return '双'
	case '單':
		return '单'
	case '幾':
		return '几'
	case '閏':
		return '闰'
	case '頭':
		return '头'
	case '儘':
		return '尽'
	case '遲':
		return '迟'
	case '於':
		return '于'
	case '為', '爲':
		return '为'
	case '業':
		return '业'
	case '會':
		return '会'
	case '樓':
		return '楼'
	case '達':
		return '达'
	case '還':
		return '还'
	case '與':
		return '与'
	case '長':
		return '长'
	case '續':
		return '续'
	case '預':
		return '预'
	case '計':
		return '计'
	case '約':
		return '约'
	case '連':
		return '连'
	case '歲':
		return '岁'
	case '場':
		return '场'
	case '敎':
		return '教'
	case '師':
		return '师'
	case '親':
		return '亲'
	case '記':
		return '记'
	case '憲':
		return '宪'
	case '軍':
		return '军'
	case '黨':
		return '党'
	case '費':
		return '费'
	case '權':
		return '权'
	case '樹':
		return '树'
	case '萬':
		return '万'
	case '夠':
		return '够'
	case '貳', '贰', '弍':
		return '二'
	case '壹', '弌':
		return '一'
	case '叁', '參', '叄':
		return '三'
	case '肆':
		return '四'
	case '伍':
		return '五'
	case '陸', '陆':
		return '六'
	case '柒':
		return '七'
	case '捌':
		return '八'
	case '玖':
		return '九'
	case '拾':
		return '十'
	}
	return r
}
