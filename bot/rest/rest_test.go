package rest

import "testing"

// TestEncode: the platform counts bytes, so that < and > stay one each.
func TestEncode(t *testing.T) {
	if data, err := Encode(map[string]string{"content": "<@a> & 王工"}); err != nil || string(data) != `{"content":"<@a> & 王工"}` {
		t.Errorf("%s, %v", data, err)
	}
	if _, err := Encode(func() {}); err == nil {
		t.Error("encoded what cannot be")
	}
}
