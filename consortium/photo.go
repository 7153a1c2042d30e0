package consortium

import (
	"strconv"
	"time"
)

// PhotoID identifies a photo in the store.
type PhotoID int64

// PhotoState is where a photo stands.
type PhotoState string

// The states of a photo.
const (
	PhotoAwaited PhotoState = "awaited" // it is being fetched from the platform
	PhotoKept    PhotoState = "kept"
	PhotoDouble  PhotoState = "double"  // the activity had the same one already
	PhotoLost    PhotoState = "lost"    // it could not be fetched
	PhotoRefused PhotoState = "refused" // it is no photo that is kept; Reason says why
	PhotoRemoved PhotoState = "removed" // by whoever may; 撤销 brings it back for a while
)

// Why a photo was refused.
const (
	PhotoTooLarge = "large"
	PhotoNoFormat = "format"
	PhotoSurplus  = "surplus" // the activity has as many as it may
)

const (
	// MostPhotos is how many photos an activity keeps.
	MostPhotos = 50
	// PhotosFor is how long after the end of an activity photos that name none are taken for its.
	PhotosFor = 7 * 24 * time.Hour
	// LooseFor is how long a photo waits to be told which activity it shows.
	LooseFor = 30 * time.Minute
	// KeepPhotos is how long photos are kept: as long as the record of the activity.
	KeepPhotos = 3 * 366 * 24 * time.Hour
)

// Photo is one picture that somebody sent for the record of an activity. Its content is stored apart, without where and
// with what it was taken.
type Photo struct {
	ID       PhotoID
	Activity ActivityID // 0 = not told yet
	Number   int        // within the activity, from 1, never given twice; 0 = not kept yet
	Person   PersonID   // who sent it
	State    PhotoState
	Reason   string
	Sent     time.Time
	Format   string // its media type, once it is known
	Size     int    // bytes of the content
	Hash     string // of the content
	Told     bool   // the sender knows what became of it
	Tries    int
	Until    time.Time // no attempt to fetch it begins later
	Due      time.Time // of the next attempt
	Version  int64
	Source   []byte `json:"-"` // where it comes from and where its sender is answered; opaque here
}

// Counts reports whether the photo is one of its activity's, or will be.
func (p Photo) Counts() bool { return p.State == PhotoKept || p.State == PhotoAwaited }

// PhotoContent is how the names of photos' contents begin.
const PhotoContent = "photo/"

// Content names what the store keeps of the photo: photo/12.
func (p Photo) Content() string { return PhotoContent + strconv.FormatInt(int64(p.ID), 10) }

// Photos stores photos.
type Photos interface {
	// AddPhotos stores new ones and sets their IDs and Versions.
	AddPhotos(ps ...*Photo) error
	// Photo finds one by id; ErrNotFound.
	Photo(id PhotoID) (Photo, error)
	// SavePhoto stores a changed one; ErrConflict. It raises Version.
	SavePhoto(p *Photo) error
	// PhotosOf lists the kept and awaited ones of an activity, by number, the awaited ones last.
	PhotosOf(a ActivityID) ([]Photo, error)
	// PhotoNumber is the highest number that a photo of the activity was given, removed ones included.
	PhotoNumber(a ActivityID) (int, error)
	// PhotoCount counts the kept ones of an activity.
	PhotoCount(a ActivityID) (int, error)
	// LoosePhotos lists those that a person sent since then and of which is not known what they show, oldest first. At most
	// twice MostPhotos.
	LoosePhotos(p PersonID, since time.Time) ([]Photo, error)
	// LastPhoto is the activity of the newest photo that a person sent since then, told of and did not take back; 0 = none.
	LastPhoto(p PersonID, since time.Time) (ActivityID, error)
}

// PutPhoto makes a photo one of its activity's, once its content is known: it gets the next number, unless the activity has
// the same one already or as many as it may. The caller saves it.
func PutPhoto(s Photos, p *Photo) error {
	// Before the others are counted: when one is added between the two reads, the numbers clash and the unit begins anew.
	last, err := s.PhotoNumber(p.Activity)
	if err != nil {
		return err
	}
	all, err := s.PhotosOf(p.Activity)
	if err != nil {
		return err
	}
	kept := 0
	for _, other := range all {
		if other.ID == p.ID || other.State != PhotoKept {
			continue
		}
		if kept++; other.Hash == p.Hash {
			p.State = PhotoDouble
			return nil
		}
	}
	if kept >= MostPhotos {
		p.State, p.Reason = PhotoRefused, PhotoSurplus
		return nil
	}
	p.State, p.Number = PhotoKept, last+1
	return nil
}

// PhotoNews is what became of some photos that one person sent at about the same time.
type PhotoNews struct {
	Activity Activity // zero when nobody told yet what they show
	Total    int      // photos of the activity now
	Kept     int
	Double   int
	Lost     int
	Large    int
	NoFormat int
	Surplus  int
}

// Add counts one.
func (n *PhotoNews) Add(p Photo) {
	switch {
	case p.State == PhotoKept:
		n.Kept++
	case p.State == PhotoDouble:
		n.Double++
	case p.State == PhotoLost:
		n.Lost++
	case p.Reason == PhotoTooLarge:
		n.Large++
	case p.Reason == PhotoNoFormat:
		n.NoFormat++
	case p.Reason == PhotoSurplus:
		n.Surplus++
	}
}

// Empty reports whether there is nothing to tell.
func (n PhotoNews) Empty() bool {
	return n.Kept+n.Double+n.Lost+n.Large+n.NoFormat+n.Surplus == 0
}
