package keygenmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// settingsSheet is how the vendor behaves, where a test may choose.
type settingsSheet struct {
	PoolOldestFirst bool `json:"poolOldestFirst"`
	Singleplayer    bool `json:"singleplayer"`
}

func (v *vendor) settings() settingsSheet { return settingsSheet{v.state.fifo, v.state.singleplayer} }

func (v *vendor) changeSettings(_ *core.Turn, set settingsSheet) error {
	v.state.fifo, v.state.singleplayer = set.PoolOldestFirst, set.Singleplayer
	return nil
}
