package consortium

import (
	"testing"
	"time"
)

// TestAskPhotos: an hour after the end, but not in the evening or at night.
func TestAskPhotos(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	for name, c := range map[string]struct{ start, end, want time.Time }{
		"an end was said":        {at(26, 14, 0), at(26, 16, 30), at(26, 17, 30)},
		"none was said":          {at(26, 14, 0), time.Time{}, at(26, 17, 0)},
		"just before the quiet":  {at(26, 14, 0), at(26, 19, 59), at(26, 20, 59)},
		"in the evening":         {at(26, 18, 0), at(26, 20, 0), at(27, 8, 0)},
		"at night":               {at(26, 20, 0), at(26, 23, 30), at(27, 8, 0)},
		"in the early morning":   {at(26, 3, 0), at(26, 5, 0), at(26, 8, 0)},
		"at the end of a month":  {at(30, 18, 0), at(30, 22, 0), time.Date(2026, 12, 1, 8, 0, 0, 0, zone)},
		"by the clock of a zone": {at(26, 14, 0), at(26, 20, 30).UTC(), at(27, 8, 0)},
	} {
		if got := ReminderDue(AskPhotos, Activity{Start: c.start, End: c.end}); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// album is Photos in memory, as far as PutPhoto needs it.
type album struct {
	Photos
	all []Photo
}

func (s album) PhotosOf(ActivityID) ([]Photo, error) { return s.all, nil }

func (s album) PhotoNumber(ActivityID) (n int, _ error) {
	for _, p := range s.all {
		n = max(n, p.Number)
	}
	return n, nil
}

func TestPutPhoto(t *testing.T) {
	few := []Photo{{ID: 1, Number: 1, State: PhotoKept, Hash: "a"}, {ID: 2, Number: 4, State: PhotoRemoved, Hash: "b"}, {ID: 3, State: PhotoAwaited}}
	full := make([]Photo, MostPhotos)
	for i := range full {
		full[i] = Photo{ID: PhotoID(i + 1), Number: i + 1, State: PhotoKept}
	}
	for name, c := range map[string]struct {
		there []Photo
		hash  string
		want  Photo
	}{
		"a new one":             {few, "c", Photo{State: PhotoKept, Number: 5}},
		"one that was removed":  {few, "b", Photo{State: PhotoKept, Number: 5}},
		"one that is there":     {few, "a", Photo{State: PhotoDouble}},
		"the first":             {nil, "a", Photo{State: PhotoKept, Number: 1}},
		"the fifty-first":       {full, "c", Photo{State: PhotoRefused, Reason: PhotoSurplus}},
		"itself does not count": {[]Photo{{ID: 99, State: PhotoKept, Hash: "c"}}, "c", Photo{State: PhotoKept, Number: 1}},
	} {
		p := Photo{ID: 99, Activity: 1, State: PhotoAwaited, Hash: c.hash}
		if err := PutPhoto(album{all: c.there}, &p); err != nil {
			t.Fatal(err)
		}
		if p.State != c.want.State || p.Number != c.want.Number || p.Reason != c.want.Reason {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
