package understand

import "testing"

var testOrgs = []Org{
	{Name: "福建师范大学光电与信息工程学院", Aliases: []string{"师大光电学院"}},
	{Name: "闽光电子有限公司", Aliases: []string{"闽光电子"}},
	{Name: "恒锐数控装备股份有限公司", Aliases: []string{"恒锐数控"}},
	{Name: "恒锐精密仪器有限公司"},
	{Name: "英芯光电科技有限公司"},
	{Name: "闽江学院"},
	{Name: "丰源材料有限公司"},
}

func TestGazetteer(t *testing.T) {
	g := NewGazetteer(testOrgs)
	for _, ex := range []struct{ text, want string }{
		{"福建师范大学光电与信息工程学院报名3人", "福建师范大学光电与信息工程学院"},
		{"师大光电学院去5个人", "福建师范大学光电与信息工程学院"},
		{"闽光电子想贷款", "闽光电子有限公司"},
		{"闽光缺500万", "闽光电子有限公司"},
		{"恒锐数控装备招人", "恒锐数控装备股份有限公司"},
		{"恒锐招人", ""}, // two begin so
		{"恒瑞数控招20人", "恒锐数控装备股份有限公司"}, // typo
		{"英芯的激光雷达", "英芯光电科技有限公司"},
		{"英心光电", "英芯光电科技有限公司"},
		{"闽江学院", "闽江学院"},
		{"明天天气不错", ""},
	} {
		got := ""
		if found := g.Find(ex.text); len(found) > 0 {
			got = found[0].Name
		}
		if got != ex.want {
			t.Errorf("%s: got %q, want %q", ex.text, got, ex.want)
		}
	}
}

func TestCompanyFromGazetteer(t *testing.T) {
	g := NewGazetteer(testOrgs)
	r := Message("闽光缺500万流动资金，想尽快贷到", ref, g)
	if r.Need == nil || r.Need.Company != "闽光电子有限公司" {
		t.Errorf("%+v", r.Need)
	}
}
