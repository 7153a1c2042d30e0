package consortium

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"身份证11010519491231002X":  "身份证1101**********002X",
		"11010519491231002x":     "1101**********002x",
		"我是350102199003071234的":  "我是3501**********1234的", // a wrong check digit, but a day of birth
		"１１０１０５１９４９１２３１００２Ｘ":     "１１０１**********００２Ｘ",
		"110105 19491231 002X":   "1101** ******** 002X",
		"卡4111111111111111，建行":   "卡4111********1111，建行",
		"4111 1111 1111 1111":    "4111 **** **** 1111",
		"单号6222021234567890123":  "", // no card: the check digit is wrong
		"账号：35001877007052501":   "账号：3500*********2501",
		"账号是 1234567890":         "账号是 1234**7890",
		"流动资金500万，12月20日到期":      "",
		"联系电话13800001111":        "",
		"0591-87654321":          "",
		"招10名机械工程师，月薪8000-12000": "",
		"2026-11-22 09:31":       "",
		"":                       "",
	} {
		got, found := Mask(text)
		if want == "" {
			want = text
		}
		if got != want || found != (want != text) {
			t.Errorf("%s: %s %v, want %s", text, got, found, want)
		}
	}
}

func TestMaskPhones(t *testing.T) {
	for text, want := range map[string]string{
		"陈会计13812341234":        "陈会计138****1234",
		"138 1234 1234联系":       "138 **** 1234联系",
		"+8613812341234":        "+86138****1234",
		"要500万，座机0591-87654321": "要500万，座机0591-87654321",
	} {
		if got, found := MaskPhones(text); got != want || found != (want != text) {
			t.Errorf("%s: %s %v, want %s", text, got, found, want)
		}
	}
}

// TestMaskKeepsTheRest: whatever the text, only digits turn into stars, and what was hidden stays hidden.
func TestMaskKeepsTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("0123456789xX -账号卡，招人４"))).Draw(t, "text")
		for _, mask := range []func(string) (string, bool){Mask, MaskPhones} {
			got, found := mask(text)
			a, b := []rune(text), []rune(got)
			if len(a) != len(b) || found != (got != text) {
				t.Fatalf("%q became %q", text, got)
			}
			for i := range a {
				if a[i] != b[i] && (b[i] != '*' || !strings.ContainsRune("0123456789４", a[i])) {
					t.Fatalf("%q became %q", text, got)
				}
			}
		}
	})
}
