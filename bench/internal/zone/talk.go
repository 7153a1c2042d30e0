package zone

import (
	"fmt"
	"math/rand/v2"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// Speaker is one person who talks without pause. He belongs to one goroutine. What he says next follows from his exported
// fields, also in another process.
type Speaker struct {
	Seat
	Nth         int // among the speakers
	Name, Unit  string
	Room        bot.ChatKey
	Group       int // index of the consortium
	Person      consortium.PersonID
	Own, Coming []int64 // activities that he organises, and those that he may sign up for
	Needs       []int64
	Today       time.Time
	dice        *rand.Rand
	said        int
}

// Sentence is what somebody says next.
type Sentence struct {
	Text    string
	Private bool // to the bot alone
	Chatter bool // in the group, to nobody in particular
}

// The mix, in per cent. What is left over is chatter and codes that do not exist.
const (
	shareRegister = 10
	shareSignUp   = 35
	shareSignOff  = 10
	shareChange   = 5
	shareList     = 15
	shareProgress = 10
	shareReport   = 10
)

// Next is what he says next.
func (p *Speaker) Next() Sentence {
	if p.dice == nil {
		p.dice = rand.New(rand.NewPCG(1, uint64(p.Nth)))
	}
	p.said++
	roll := p.dice.IntN(100)
	among := func(share int) bool { roll -= share; return roll < 0 }
	switch {
	case among(shareRegister):
		return Sentence{Text: p.register()}
	case among(shareSignUp):
		return Sentence{Text: fmt.Sprintf("报名 H%d %d人", one(p, p.Coming), 1+p.dice.IntN(4))}
	case among(shareSignOff):
		return Sentence{Text: fmt.Sprintf("取消报名 H%d", one(p, p.Coming))}
	case among(shareChange):
		return Sentence{Text: p.change()}
	case among(shareList):
		if p.dice.IntN(3) == 0 {
			return Sentence{Text: fmt.Sprintf("活动 H%d", one(p, p.Coming))}
		}
		return Sentence{Text: "活动"}
	case among(shareProgress):
		if p.dice.IntN(2) == 0 {
			return Sentence{Text: "我的", Private: true}
		}
		return Sentence{Text: fmt.Sprintf("进度 S%d", one(p, p.Needs)), Private: true}
	case among(shareReport):
		return Sentence{Text: one(p, reports), Private: true}
	}
	if p.dice.IntN(2) == 0 {
		return Sentence{Text: one(p, chatter), Chatter: true}
	}
	return Sentence{Text: fmt.Sprintf("报名 H%d", 900_000_000+p.dice.IntN(1000))}
}

func one[T any](p *Speaker, list []T) T { return list[p.dice.IntN(len(list))] }

// register is an activity in a free sentence, as people write them, for one of the coming weeks.
func (p *Speaker) register() string {
	day := p.Today.AddDate(0, 0, 7+p.dice.IntN(40))
	return fmt.Sprintf(one(p, sentences), int(day.Month()), day.Day())
}

var sentences = []string{
	"登记活动 %d月%d日下午2点半 光电产业链参观 地点 省光子技术重点实验室 限30人",
	"登记活动 %d月%d日上午9点到11点 联合主题党日 地点 企业服务中心三楼会议室 名额40",
	"登记活动 %d月%d日15:30 校企用工对接会，在光电信息学院报告厅，限60人",
	"登记活动 时间：%d月%d日晚上7点\n名称：政策宣讲会\n地点：创新园二期\n名额：80",
}

// change alternates between values, so that there is always something to change. A new time or place is told to everybody
// who has signed up.
func (p *Speaker) change() string {
	id := one(p, p.Own)
	switch p.dice.IntN(4) {
	case 0:
		day := p.Today.AddDate(0, 0, 3+p.dice.IntN(20))
		return fmt.Sprintf("改 H%d 时间 %d月%d日%s", id, int(day.Month()), day.Day(), []string{"上午9点", "下午3点"}[p.said%2])
	case 1:
		return fmt.Sprintf("改 H%d 地点 %s", id, []string{"企业服务中心", "光电信息学院报告厅"}[p.said%2])
	}
	return fmt.Sprintf("改 H%d 名额 %d", id, 60+p.said%40)
}

var reports = []string{
	"报诉求 用工 招10名机械工程师", "报诉求 融资 想找一笔300万元的设备贷款，年底前用", "报诉求 政策 高新技术企业的奖补怎么申请",
	"报诉求 物流水电 园区东门晚上没有路灯，夜班员工不敢走", "报诉求 技术 想和高校合作做激光检测，找不到合适的老师",
}

var chatter = []string{
	"好的，收到", "大家下午辛苦了[强]", "明天食堂几点开门？", "谢谢王工分享", "这个资料我晚点发群里",
}
