package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

// mostShown is how many photos are sent at once.
const mostShown = 9

// photoActivity is the activity whose photos are meant: by its code, else the only one that the asker took part in lately.
func (d *Desk) photoActivity(s Store, c *call) (consortium.Activity, *bot.Reply, error) {
	if id := c.Code("H"); id != 0 {
		a, err := loadActivity(s, id)
		return a, nil, err
	}
	attended, handled, err := d.lately(s, c)
	if err != nil {
		return consortium.Activity{}, nil, err
	}
	switch as := append(attended, handled...); len(as) {
	case 0:
		return consortium.Activity{}, nil, refuse("which", "哪场活动的照片？%s回“照片 活动编号”，比如“照片 H27”。", d.calling(c))
	case 1:
		return as[0], nil, nil
	default:
		r := d.whichActivity(c, as, "照片 %s "+strings.ReplaceAll(c.Text, "%", "%%"))
		return consortium.Activity{}, &r, nil
	}
}

// showPhotos sends the photos of an activity to a member of its consortium, from the number that was asked for; in a group
// it says how many there are.
func (d *Desk) showPhotos(s Store, c *call, a consortium.Activity) (bot.Reply, error) {
	rank, err := rankIn(s, c, a.Consortium)
	if err != nil {
		return bot.Reply{}, err
	}
	if rank < consortium.Member && d.mayRecord(s, c, a) != nil {
		return bot.Reply{}, refuse("not-yours", "%s 的照片只给所在联合体的成员看。", code(a.ID))
	}
	all, err := s.PhotosOf(a.ID)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("list photos: %w", err)
	}
	all = slices.DeleteFunc(all, func(p consortium.Photo) bool { return p.State != consortium.PhotoKept })
	title := code(a.ID) + " " + a.Title
	switch {
	case len(all) == 0:
		return bot.Say(title + " 还没有照片。" + d.whereToSend(c)), nil
	case !c.Event.Direct:
		return bot.Say(fmt.Sprintf("%s 有 %d 张照片。想看请私聊我回“照片 %s”。%s", title, len(all), code(a.ID), d.whereToSend(c))), nil
	case !c.Caps.Files:
		return bot.Reply{Text: fmt.Sprintf("%s 有 %d 张照片。这里我发不了图片，请找联合体联络员要。", title, len(all)), Class: bot.Internal}, nil
	}
	from := slices.IndexFunc(all, func(p consortium.Photo) bool { return p.Number >= c.Count })
	if from < 0 {
		return bot.Reply{}, refuse("no-photo", "%s 的照片只到第 %d 张。", code(a.ID), all[len(all)-1].Number)
	}
	shown := all[from:min(from+mostShown, len(all))]
	for _, p := range shown {
		c.Tell(c.Event.Place(), bot.Reply{Class: bot.Internal, File: &bot.Attachment{
			Name: fmt.Sprintf("%s-%d%s", code(a.ID), p.Number, formatExtension(p.Format)), Type: p.Format, Stored: p.Content()}})
	}
	text := fmt.Sprintf("%s 有 %d 张照片，", title, len(all))
	if from+len(shown) < len(all) {
		text += fmt.Sprintf("先发 %d 张，往后看回“照片 %s %d”。", len(shown), code(a.ID), all[from+len(shown)].Number)
	} else {
		text += fmt.Sprintf("这是第 %d 到第 %d 张。", shown[0].Number, shown[len(shown)-1].Number)
	}
	if len(shown) == len(all) {
		text = fmt.Sprintf("%s 有 %d 张照片：", title, len(all))
	}
	return bot.Reply{Text: text + "\n删掉一张回“照片 " + code(a.ID) + " 删除 第几张”", Class: bot.Internal}, nil
}

// formatExtension is the end of a file's name.
func formatExtension(mediaType string) string {
	switch mediaType {
	case "image/png":
		return ".png"
	case "image/webp":
		return ".webp"
	}
	return ".jpg"
}

// whereToSend says where photos reach the bot on this platform.
func (d *Desk) whereToSend(c *call) string {
	switch {
	case c.Event.Direct:
		return "有照片直接发给我就行。"
	case c.Caps.GroupFiles:
		return "有照片私聊发给我，或在群里 @" + d.BotName + " 发图。"
	}
	return "有照片私聊发给我，群里的图片我收不到。"
}

// span is numbers from one to another, both included.
type span struct{ from, to int }

func (s span) holds(n int) bool { return s.from <= n && n <= s.to }

var deletedNumbers = regexp.MustCompile(`(\d{1,6})(?:\s*张?\s*(?:[-–—~]|到|至)\s*第?\s*(\d{1,6}))?`)

// deletion reads the numbers of photos to be deleted (2、5, 2-5, 第2到5张), nil when that is not wanted.
func deletion(text string) []span {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "删")
	if !ok {
		return nil
	}
	spans := []span{}
	for _, m := range deletedNumbers.FindAllStringSubmatch(rest, consortium.MostPhotos) {
		from, err := strconv.Atoi(m[1])
		to, errTo := strconv.Atoi(cmp.Or(m[2], m[1]))
		if err == nil && errTo == nil {
			spans = append(spans, span{min(from, to), max(from, to)})
		}
	}
	return spans
}

// deletePhotos is 照片 H27 删除 2, by who sent them, the organiser, or a liaison.
func (d *Desk) deletePhotos(s Store, c *call, a consortium.Activity, numbers []span) (bot.Reply, error) {
	if len(numbers) == 0 {
		return bot.Reply{}, refuse("number", "要删第几张？比如“照片 %s 删除 2”。", code(a.ID))
	}
	all, err := s.PhotosOf(a.ID)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("list photos: %w", err)
	}
	act := photoAct{Removed: true}
	left, deleted := 0, []int{}
	for _, p := range all {
		if p.State != consortium.PhotoKept {
			continue
		}
		if left++; !slices.ContainsFunc(numbers, func(n span) bool { return n.holds(p.Number) }) {
			continue
		}
		may := p.Person == consortium.PersonID(c.Person)
		if !may {
			if may, err = manages(s, c, a); err != nil {
				return bot.Reply{}, err
			}
		}
		if !may {
			return bot.Reply{}, refuse("not-yours", "%s 第 %d 张不是您发的，由发的人、登记人或联合体联络员来删。", code(a.ID), p.Number)
		}
		p.State = consortium.PhotoRemoved
		if err := s.SavePhoto(&p); err != nil {
			return bot.Reply{}, fmt.Errorf("save photo: %w", err)
		}
		act.Photos, deleted = append(act.Photos, p.ID), append(deleted, p.Number)
		left--
	}
	if len(act.Photos) == 0 {
		return bot.Reply{}, refuse("no-photo", "%s 没有第 %d 张照片。回“照片 %s”看有哪些。", code(a.ID), numbers[0].from, code(a.ID))
	}
	what := fmt.Sprintf("%s 第 %s 张照片", code(a.ID), listed(deleted))
	if err := keepPhotoAct(s, c, a.ID, act, "删除 "+what); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(fmt.Sprintf("已删除 %s，还有 %d 张。10分钟内可“撤销”", what, left)), nil
}

func listed(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, "、")
}

// undoPhotos takes photos out again that were added, or brings back those that were deleted.
func (d *Desk) undoPhotos(s Store, act consortium.Act) (bot.Reply, error) {
	var did photoAct
	if err := json.Unmarshal(act.Before, &did); err != nil {
		return bot.Reply{}, fmt.Errorf("read kept act: %w", err)
	}
	changed := 0
	for _, id := range did.Photos {
		p, err := s.Photo(id)
		if err != nil {
			return bot.Reply{}, fmt.Errorf("load photo: %w", err)
		}
		switch {
		case did.Removed && p.State == consortium.PhotoRemoved:
			p.State = consortium.PhotoKept
		case !did.Removed && p.Counts():
			p.State, p.Told, p.Source = consortium.PhotoRemoved, true, nil
		default:
			continue
		}
		if err := s.SavePhoto(&p); err != nil {
			return bot.Reply{}, fmt.Errorf("save photo: %w", err)
		}
		changed++
	}
	switch {
	case changed == 0:
		return bot.Reply{}, refuse("nothing-to-undo", "“%s”没有可以撤销的了。", act.Line)
	case did.Removed:
		return bot.Say(fmt.Sprintf("已撤销：%s。%d 张照片又在了。", act.Line, changed)), nil
	}
	return bot.Say(fmt.Sprintf("已撤销：%s。%d 张照片没有留下。", act.Line, changed)), nil
}

// AskPhotos asks whoever registered an activity for photos of it, privately. inGroups: where he is asked, pictures in groups
// reach the bot, too.
func (d *Desk) AskPhotos(a consortium.Activity, inGroups bool) bot.Reply {
	where := "群里的图片我收不到"
	if inGroups {
		where = "群里 @" + d.BotName + " 发图也行"
	}
	return bot.Say(fmt.Sprintf("%s %s 结束了？有照片就私聊发给我(%s)，我存进活动记录；没有就不用理。", code(a.ID), a.Title, where))
}

// PhotoNews tells a sender what became of his photos.
func (d *Desk) PhotoNews(n consortium.PhotoNews) bot.Reply {
	var lines []string
	add := func(count int, format string) {
		if count > 0 {
			lines = append(lines, fmt.Sprintf(format, count))
		}
	}
	if n.Kept > 0 {
		lines = append(lines, fmt.Sprintf("已存进 %s %s：%d 张照片，现在共 %d 张。", code(n.Activity.ID), n.Activity.Title, n.Kept, n.Total))
	}
	if there := code(n.Activity.ID); n.Activity.ID != 0 {
		add(n.Double, "%d 张 "+there+" 里已经有了，没有重复存。")
	} else {
		add(n.Double, "%d 张之前存过，没有重复存。")
	}
	add(n.Lost, "%d 张没收到，请再发一次。")
	add(n.Large, "%d 张太大(超过 10 MB 或 6400 万像素)，没有存。")
	add(n.NoFormat, "%d 张不是完好的 JPG、PNG 或 WebP，没有存。苹果手机的 HEIC 请转成 JPG 再发。")
	add(n.Surplus, "%d 张没有存：一场活动最多 "+fmt.Sprint(consortium.MostPhotos)+" 张。")
	if n.Kept > 0 {
		lines = append(lines, fmt.Sprintf("看照片回“照片 %s” · 10分钟内可“撤销”", code(n.Activity.ID)))
	}
	return bot.Say(strings.Join(lines, "\n"))
}

// withPhotos says on an activity's card how many photos there are.
func withPhotos(r bot.Reply, photos int) bot.Reply {
	if photos > 0 && r.Card != nil {
		facts := &r.Card.Sections[0].Facts
		*facts = append(*facts, bot.Fact{Label: "照片", Value: fmt.Sprintf("%d 张", photos)})
	}
	return r
}
