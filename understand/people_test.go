package understand

import "testing"

func TestPeople(t *testing.T) {
	for _, ex := range []struct {
		text  string
		lo, n int64
	}{
		{"30人", 0, 30}, {"三十来人", 0, 30}, {"20-30人", 20, 30}, {"二十到三十名", 20, 30}, {"50个名额", 0, 50}, {"40个人", 0, 40}, {"一百二十人", 0, 120},
		{"壹佰人", 0, 100}, {"３０人", 0, 30}, {"100人次", 0, 100}, {"30多人", 0, 30}, {"人才", 0, 0}, {"5名称", 0, 0}, {"2位置", 0, 2}, {"3点", 0, 0},
	} {
		s := scan(ex.text, ref, nil)
		a, ok := s.people(0)
		if ok != (ex.n > 0) || ok && (a.n != ex.n || a.lo != ex.lo) {
			t.Errorf("%s: %d–%d %v", ex.text, a.lo, a.n, ok)
		}
	}
	for text, want := range map[string]int{
		"名额 40": 40, "限30人": 30, "人数：20-30": 30, "每家单位2人": 0, "每个支部派3人，共60人": 60, "最多50": 50, "容量=120": 120, "名额由20人改为35人": 35,
	} {
		if a := Changes(text, ref, nil).Activities[0]; a.Capacity != want {
			t.Errorf("%s: %d, want %d", text, a.Capacity, want)
		}
	}
}

func TestHeadcount(t *testing.T) {
	for text, want := range map[string]int{
		"招10名机械工程师": 10, "想招两个会计一个出纳": 3, "5名焊工、3名电工": 8, "缺数控操作工约15–20人": 20, "招普工30人，其中女工10人": 40, "急招焊工5": 5,
		"共缺20人，焊工12名，电工8名": 20, "公司现有员工200人，想招5名技术员": 5, "招工": 0, "招工，工资3000元": 0,
	} {
		if n := NeedFields("用工 "+text, ref, nil).Need; n.Headcount != want {
			t.Errorf("%s: %d, want %d", text, n.Headcount, want)
		}
	}
}
