package keycratemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// What references to apps and subscriptions must lead to.
const (
	appPlace          = "app that there is"
	subscriptionPlace = "subscription that there is"
)

// errNoSuchLicense refuses a reference to a license, and does not repeat what is
// mostly its key.
var errNoSuchLicense = core.BadMember("/license", "names no license that there is; make it first")

// checkID asks whether an id that is given is one.
func checkID(id string) error {
	if id != "" && !isUUID(id) {
		return core.BadMember("/id", "%q is no id: it is a UUID in lower case; leave it empty for a new one", id)
	}
	return nil
}

// checkStatus asks whether a license or a subscription can have a status.
func checkStatus(status, further string) error {
	if status != StatusActive && status != StatusPaused {
		return core.BadMember("/status", "%q is no status: it is %s or %s%s", status, StatusActive, StatusPaused, further)
	}
	return nil
}
