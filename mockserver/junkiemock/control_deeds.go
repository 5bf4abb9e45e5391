package junkiemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// verifyOrder is an end user's program that asks whether a key lets it in.
type verifyOrder struct {
	Key            string     `json:"key"` // its value
	HWID           string     `json:"hwid"`
	Service        *reference `json:"service"` // of whatever account; nil: none is named
	ExecutorUserID *string    `json:"executorUserId"`
}

// doVerify is Verify of the World.
func (v *vendor) doVerify(ct *core.Turn, doc core.Document) (any, error) {
	var order verifyOrder
	if err := readOrder(doc, &order); err != nil {
		return nil, err
	}
	told := visit{value: order.Key, device: order.HWID, executorUser: core.OrZero(order.ExecutorUserID)}
	if order.Service != nil {
		id, err := v.state.visitedService(order.Service)
		if err != nil {
			return nil, err
		}
		told.service = &id
	}
	return struct {
		Valid bool   `json:"valid"`
		Code  string `json:"code"`
	}(v.turn(ct).verify(told)), nil
}

// visitedService returns the number of the service that an end user's program
// belongs to; 0: there is none of that name.
func (s *state) visitedService(r *reference) (int64, error) {
	if r.name == "" {
		return r.id, nil
	}
	meant := called(s.services.All(), r.name)
	if len(meant) == 0 {
		return 0, nil
	}
	service, err := core.Refer("/service", s.services.noun(), r.name, meant)
	return service.ID, err
}

// doRedeem is Redeem of the World.
func (v *vendor) doRedeem(ct *core.Turn, doc core.Document) (any, error) {
	var order struct {
		Key           string `json:"key"` // its value
		DiscordUserID string `json:"discordUserId"`
	}
	if err := readOrder(doc, &order); err != nil {
		return nil, err
	}
	redeemed, err := v.turn(ct).redeem(order.Key, order.DiscordUserID)
	if err != nil {
		return nil, err
	}
	return struct {
		Redeemed bool `json:"redeemed"`
	}{redeemed}, nil
}

// readOrder reads what is to be done with a key, which must be named.
func readOrder(doc core.Document, order any) error {
	if err := doc.Into(order); err != nil {
		return err
	}
	if !doc.Has("key") {
		return doc.Refuse("key", "is missing: say the value of a key")
	}
	return nil
}
