package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

const (
	fetchFor    = 6 * time.Hour    // that a photo is tried to be fetched where the platform names no end
	sameBatch   = time.Minute      // photos that come so soon after one another are one act, and raise one question
	stillSame   = 10 * time.Minute // and what they show is not asked again
	longestLook = 38 * 24 * time.Hour
)

// photos is 照片: it takes photos that are sent, and shows or deletes those that are kept.
func (d *Desk) photos(s Store, c *call) (bot.Reply, error) {
	if len(c.Event.Files) > 0 {
		return d.takePhotos(s, c)
	}
	a, asked, err := d.photoActivity(s, c)
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if numbers := deletion(c.Text); numbers != nil {
		return d.deletePhotos(s, c, a, numbers)
	}
	if waited, err := d.assignLoose(s, c, a); waited || err != nil {
		return bot.Reply{}, err
	}
	return d.showPhotos(s, c, a)
}

// assignLoose makes the asker's photos the activity's of which he was asked what they show. waited is false when there are
// none. He is told what became of them like of all photos.
func (d *Desk) assignLoose(s Store, c *call, a consortium.Activity) (waited bool, err error) {
	loose, err := d.alreadySent(s, c, 0)
	if err != nil || len(loose) == 0 {
		return false, err
	}
	if err := errors.Join(d.mayRecord(s, c, a), begun(a, d.moment(a.Start, c.Now), c.Now)); err != nil {
		return true, err
	}
	return true, d.assignPhotos(s, c, a, loose)
}

// isPicture reports whether a file most likely is one: what is sent as a file to keep its quality has a name.
func isPicture(f bot.FileRef) bool {
	return f.Kind == "image" || slices.Contains([]string{".jpg", ".jpeg", ".png", ".webp"}, strings.ToLower(path.Ext(f.Name)))
}

// noPicture refuses files none of which is a picture that is kept. What has no name (WeCom gives none) may be one all the same.
func noPicture(files []bot.FileRef) bot.Reply {
	for _, f := range files {
		switch strings.ToLower(path.Ext(f.Name)) {
		case ".heic", ".heif":
			return bot.Say("苹果手机的 HEIC 我存不了，请转成 JPG 再发。")
		case "":
			return bot.Say("我只收照片，这个没有存。是照片的话，请当图片再发一次；要办什么事，用一句话告诉我。")
		}
	}
	return bot.Say("我只收照片，这个文件没有存。要办什么事，用一句话告诉我。")
}

// takePhotos keeps what was sent for the activity that is meant. The sender is told what became of it when that is known.
func (d *Desk) takePhotos(s Store, c *call) (bot.Reply, error) {
	var pictures []int
	for i, f := range c.Event.Files {
		if isPicture(f) {
			pictures = append(pictures, i)
		}
	}
	if len(pictures) == 0 {
		return noPicture(c.Event.Files), nil
	}
	a, fits, err := d.photographed(s, c)
	if err != nil {
		return bot.Reply{}, err
	}
	there, err := d.alreadySent(s, c, a.ID)
	if err != nil {
		return bot.Reply{}, err
	}
	switch full := len(there) >= consortium.MostPhotos; { // what goes beyond in one message is refused one by one
	case full && a.ID == 0:
		return bot.Reply{}, refuse("photos", "已经有 %d 张照片等您说是哪场活动的。先回“照片 活动编号”，再发别的。", len(there))
	case full:
		return bot.Reply{}, refuse("photos", "%s 已有 %d 张照片，最多 %d 张。要换，先回“照片 %s 删除 第几张”。", code(a.ID), len(there), consortium.MostPhotos, code(a.ID))
	}
	added := make([]*consortium.Photo, len(pictures))
	for i, n := range pictures {
		f := c.Event.Files[n]
		until := f.Expires
		if until.IsZero() {
			until = c.Now.Add(fetchFor)
		}
		added[i] = &consortium.Photo{Activity: a.ID, Person: consortium.PersonID(c.Person), State: consortium.PhotoAwaited, Sent: c.Now,
			Due: c.Now, Until: until, Source: c.Event.Pickup(n).Pack()}
	}
	if err := s.AddPhotos(added...); err != nil {
		return bot.Reply{}, fmt.Errorf("add photos: %w", err)
	}
	if a.ID != 0 {
		return bot.Reply{}, d.rememberPhotos(s, c, a.ID, added)
	}
	if slices.ContainsFunc(there, func(p consortium.Photo) bool { return c.Now.Sub(p.Sent) < sameBatch }) {
		return bot.Reply{}, nil // asked just now
	}
	return d.whosePhotos(c, fits), nil
}

// alreadySent are the photos of the activity, or without one those of the sender that wait to be told what they show.
func (d *Desk) alreadySent(s Store, c *call, a consortium.ActivityID) (ps []consortium.Photo, err error) {
	if a != 0 {
		ps, err = s.PhotosOf(a)
	} else {
		ps, err = s.LoosePhotos(consortium.PersonID(c.Person), c.Now.Add(-consortium.LooseFor))
	}
	if err != nil {
		return nil, fmt.Errorf("list photos: %w", err)
	}
	return ps, nil
}

// whosePhotos asks what the photos show that were just sent.
func (d *Desk) whosePhotos(c *call, fits []consortium.Activity) bot.Reply {
	if len(fits) == 0 {
		return bot.Say("照片收到了。是哪场活动的？" + d.calling(c) + "回活动编号，比如 H27；不用存就不用理。")
	}
	var q bot.Question
	text := "照片收到了，是哪场活动的？" + d.calling(c) + "回数字；不用存就不用理。"
	for i, a := range fits[:min(len(fits), 5)] {
		q.Options = append(q.Options, bot.Option{Label: code(a.ID), Line: "照片 " + code(a.ID)})
		text += fmt.Sprintf("\n%d %s %s %s", i+1, code(a.ID), a.Title, d.when(a, c.Now))
	}
	c.Ask(q)
	return bot.Say(text)
}

// photographed is the activity that photos show: the one that is named in their words or in the message that they answer,
// the one that the sender named for photos a moment ago, or the only one that he took part in lately; in a group the latter
// are the group's. Otherwise fits are those that it may be.
func (d *Desk) photographed(s Store, c *call) (a consortium.Activity, fits []consortium.Activity, err error) {
	for _, id := range []int64{c.Code("H"), codeIn(c.Line, 'H'), answeredActivity(c)} {
		if id != 0 {
			a, err = loadActivity(s, id)
			if no := (*consortium.Error)(nil); errors.As(err, &no) {
				return a, nil, refuse(no.Code, "没有%s，照片没有存。请带上对的编号再发一次。", unknownCode("H", id, "这个活动"))
			}
			if err != nil {
				return a, nil, err
			}
			return a, nil, errors.Join(d.mayRecord(s, c, a), begun(a, d.moment(a.Start, c.Now), c.Now))
		}
	}
	if last, err := s.LastPhoto(consortium.PersonID(c.Person), c.Now.Add(-stillSame)); err != nil {
		return a, nil, fmt.Errorf("find the last photo: %w", err)
	} else if last != 0 {
		a, err := loadActivity(s, int64(last))
		if err != nil || c.Consortium == 0 || a.Consortium == consortium.ID(c.Consortium) {
			return a, nil, err
		}
	}
	attended, handled, err := d.lately(s, c)
	switch {
	case err != nil:
		return a, nil, err
	case len(attended) == 1:
		return attended[0], nil, nil
	case len(attended) == 0:
		attended = handled
	}
	return a, attended, nil
}

// begun refuses photos of what has not begun, or does not take place. start is the activity's in words.
func begun(a consortium.Activity, start string, now time.Time) error {
	switch {
	case a.State != consortium.Open:
		return refuse("cancelled", "%s %s 已经取消了，照片没有存。", code(a.ID), a.Title)
	case a.Start.After(now):
		return refuse("ahead", "%s %s %s 才开始，开始以后再发照片给我。", code(a.ID), a.Title, start)
	}
	return nil
}

// mayRecord refuses everybody but the organiser, who signed up, and those who rank as liaison in the activity's consortium.
func (d *Desk) mayRecord(s Store, c *call, a consortium.Activity) error {
	r, err := s.Registration(a.ID, consortium.PersonID(c.Person))
	if err != nil {
		return fmt.Errorf("load registration: %w", err)
	}
	if r.Party() > 0 || a.Organiser == consortium.PersonID(c.Person) {
		return nil
	}
	rank, err := rankIn(s, c, a.Consortium)
	if err != nil || rank >= consortium.Liaison {
		return err
	}
	return refuse("not-there", "%s 的照片由登记人、报名参加的人或联合体联络员来发。", code(a.ID))
}

// lately are the activities that run, or ended in the last days: those that the asker registered or signed up for, and
// those of the consortia where he is liaison.
func (d *Desk) lately(s Store, c *call) (attended, handled []consortium.Activity, err error) {
	me, from := consortium.PersonID(c.Person), c.Now.Add(-longestLook)
	all, err := s.ActivitiesOf(me, from, maxListed)
	if err != nil {
		return nil, nil, fmt.Errorf("list own activities: %w", err)
	}
	own, err := s.AttendancesOf(me, from, maxListed)
	if err != nil {
		return nil, nil, fmt.Errorf("list own registrations: %w", err)
	}
	for _, o := range own {
		all = append(all, o.Activity)
	}
	if attended = recent(all, c); len(attended) > 0 {
		return attended, nil, nil
	}
	homes, err := d.handles(s, c)
	for _, id := range homes {
		as, err := s.ActivitiesBetween(id, from, c.Now)
		if err != nil {
			return nil, nil, fmt.Errorf("list activities: %w", err)
		}
		handled = append(handled, as...)
	}
	return nil, recent(handled, c), err
}

// handles are the consortia where the asker is liaison; 0 stands for all.
func (d *Desk) handles(s Store, c *call) (out []consortium.ID, err error) {
	p, err := s.Person(consortium.PersonID(c.Person))
	if err != nil {
		return nil, fmt.Errorf("load asker: %w", err)
	}
	if p.Role >= consortium.Coordinator {
		return []consortium.ID{0}, nil
	}
	ms, err := s.Memberships(p.ID)
	if err != nil {
		return nil, fmt.Errorf("list memberships: %w", err)
	}
	for _, m := range ms {
		if m.Role >= consortium.Liaison {
			out = append(out, m.Consortium)
		}
	}
	return out, nil
}

// recent are those that photos sent now may show, each once, the newest first. In a group they are the group's.
func recent(all []consortium.Activity, c *call) (out []consortium.Activity) {
	for _, a := range all {
		running := !a.Start.After(c.Now) && c.Now.Sub(a.Ends()) <= consortium.PhotosFor
		if running && a.State == consortium.Open && (c.Consortium == 0 || a.Consortium == consortium.ID(c.Consortium)) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b consortium.Activity) int { return int(b.ID - a.ID) })
	out = slices.CompactFunc(out, func(a, b consortium.Activity) bool { return a.ID == b.ID })
	slices.SortStableFunc(out, func(a, b consortium.Activity) int { return b.Start.Compare(a.Start) })
	return out
}

// assignPhotos makes photos that were sent before the activity's.
func (d *Desk) assignPhotos(s Store, c *call, a consortium.Activity, loose []consortium.Photo) error {
	kept := make([]*consortium.Photo, len(loose))
	for i := range loose {
		p := &loose[i]
		p.Activity, kept[i] = a.ID, p
		if p.State == consortium.PhotoKept {
			if err := consortium.PutPhoto(s, p); err != nil {
				return fmt.Errorf("number a photo: %w", err)
			}
		}
		if err := s.SavePhoto(p); err != nil {
			return fmt.Errorf("save photo: %w", err)
		}
	}
	return d.rememberPhotos(s, c, a.ID, kept)
}

// photoAct is what an act on photos did, as it is kept for 撤销.
type photoAct struct {
	Photos  []consortium.PhotoID
	Removed bool // they were deleted; else they were added
}

// rememberPhotos keeps that photos were added. Those that came a moment before belong to the same act, unless the sender was
// told of them apart.
func (d *Desk) rememberPhotos(s Store, c *call, a consortium.ActivityID, added []*consortium.Photo) error {
	var act photoAct
	last, err := s.LastAct(consortium.PersonID(c.Person))
	if err != nil && !errors.Is(err, consortium.ErrNotFound) {
		return fmt.Errorf("load last act: %w", err)
	}
	if err == nil && last.Subject == consortium.OfPhotos && last.ID == int64(a) && c.Now.Sub(last.At) < sameBatch {
		if act.Photos, err = untoldPhotos(s, last); err != nil {
			return err
		}
	}
	for _, p := range added {
		act.Photos = append(act.Photos, p.ID)
	}
	return keepPhotoAct(s, c, a, act, fmt.Sprintf("存 %s 的照片", code(a)))
}

// untoldPhotos are the photos that an act added and of which the sender does not know yet what became of them.
func untoldPhotos(s Store, act consortium.Act) (ids []consortium.PhotoID, err error) {
	var did photoAct
	if err := json.Unmarshal(act.Before, &did); err != nil {
		return nil, fmt.Errorf("read last act: %w", err)
	}
	if did.Removed {
		return nil, nil
	}
	for _, id := range did.Photos {
		p, err := s.Photo(id)
		if err != nil {
			return nil, fmt.Errorf("load photo: %w", err)
		}
		if !p.Told {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func keepPhotoAct(s Store, c *call, a consortium.ActivityID, act photoAct, line string) error {
	data, err := json.Marshal(act)
	if err != nil {
		return fmt.Errorf("keep act: %w", err)
	}
	return remember(s, c, consortium.OfPhotos, int64(a), 0, data, line)
}
