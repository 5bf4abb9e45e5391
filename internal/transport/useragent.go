package transport

import (
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
)

const module = "github.com/keysmith-go/keysmith"

// ownUserAgent names this module and its version to the vendor.
func ownUserAgent(vendor string) string {
	return fmt.Sprintf("keysmith-go/%s (%s)", moduleVersion(), vendor)
}

// moduleVersion returns the version of this module in the running program,
// "devel" when it was not built from a released one.
var moduleVersion = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return versionOf(info)
})

func versionOf(info *debug.BuildInfo) string {
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == module && m.Replace == nil && m.Version != "" && m.Version != "(devel)" {
			return strings.TrimPrefix(m.Version, "v")
		}
	}
	return "devel"
}
