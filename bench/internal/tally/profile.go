package tally

import (
	"os"
	"runtime/pprof"
)

// Profile writes the CPU profile of a measurement. Each replaces the one before, so that the last remains. With an empty
// name there is none.
type Profile struct {
	Name string
	file *os.File
}

// Start begins a profile.
func (p *Profile) Start() (err error) {
	if p.Name == "" {
		return nil
	}
	if p.file, err = os.Create(p.Name); err != nil {
		return err
	}
	return pprof.StartCPUProfile(p.file)
}

// Stop ends the profile that was started.
func (p *Profile) Stop() error {
	if p.Name == "" {
		return nil
	}
	pprof.StopCPUProfile()
	return p.file.Close()
}
