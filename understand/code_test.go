package understand

import "testing"

func TestCode(t *testing.T) {
	for _, ex := range []struct {
		text, letter string
		n            int64
	}{
		{"报名h27 3人", "H", 27}, {"#H27", "H", 27}, {"Ｈ２７", "H", 27}, {"活动27", "H", 27}, {"诉求158怎么样了", "S", 158}, {"S158 进度", "S", 158}, {"H-27", "H", 27},
		{"h 27", "H", 27}, {"活动编号27", "H", 27}, {"活动27号改到周五", "H", 27}, {"揭榜B6", "B", 6}, {"活动12月5日", "", 0}, {"活动30人", "", 0}, {"B6栋", "", 0},
		{"H5页面", "", 0}, {"活动27号下午", "", 0}, {"需求3个", "", 0}, {"v2.0", "", 0}, {"走访31", "V", 31}, {"协议9", "X", 9}, {"ph27", "", 0},
	} {
		s := scan(ex.text, ref, nil)
		got, _ := s.codeIn(0, len(s.norm))
		if got.Letter != ex.letter || got.Number != ex.n {
			t.Errorf("%s: %+v", ex.text, got)
		}
	}
}
