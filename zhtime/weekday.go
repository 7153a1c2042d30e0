package zhtime

import "unicode/utf8"

// weekdays reads what follows 周 or 星期: 一, 日, 天, 4, or a list without separators (一三五). It returns the days
// as a mask with Monday in bit 0, and the offset behind them; 0 when no weekday follows.
func weekdays(text string, at int) (int32, int) {
	first, end := weekdayAt(text, at)
	if first == 0 {
		return 0, at
	}
	mask, last, listEnd := int32(1)<<(first-1), first, end
	for {
		d, e := weekdayAt(text, listEnd)
		if d <= last || text[listEnd] < 0x80 || text[at] == ' ' {
			break
		}
		mask, last, listEnd = mask|1<<(d-1), d, e
	}
	if listEnd > end {
		r, _ := utf8.DecodeRuneInString(text[listEnd:])
		switch fold(r) {
		case '点', '时', '刻', '号', '月', '个', '十', '年', '天', '日', ':', '小', '分':
		default:
			return mask, listEnd
		}
	}
	return 1 << (first - 1), end
}

// weekdayAt reads one weekday, 1 to 7, and returns the offset behind it.
func weekdayAt(text string, at int) (int, int) {
	start := at
	for at < len(text) && text[at] == ' ' && at-start < 2 {
		at++
	}
	raw, size := utf8.DecodeRuneInString(text[at:])
	r, end := fold(raw), at+size
	if '1' <= r && r <= '7' {
		next, _ := utf8.DecodeRuneInString(text[end:])
		switch n := fold(next); {
		case '0' <= n && n <= '9':
			return 0, start
		case n == '点' || n == '月' || n == '号' || n == '日' || n == '个' || n == '年' || n == '天' || n == '次' ||
			n == '小' || n == ':' || n == '.' || n == '/' || n == '人' || n == '场':
			return 0, start
		}
		return int(r - '0'), end
	}
	if at != start { // 下周 五, but not 下周 三家单位
		next, _ := utf8.DecodeRuneInString(text[end:])
		switch n := fold(next); n {
		case utf8.RuneError, ' ', ',', '.', '\n', '。', '，', '上', '下', '早', '晚', '(', ')', '前', '之', '到', '至', '-':
		default:
			if n < '0' || n > '9' {
				return 0, start
			}
		}
	}
	switch r {
	case '一':
		return 1, end
	case '二':
		return 2, end
	case '三':
		return 3, end
	case '四':
		return 4, end
	case '五':
		return 5, end
	case '六':
		return 6, end
	case '日', '天':
		return 7, end
	}
	return 0, start
}
