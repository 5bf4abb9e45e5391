package core_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	assert.Empty(t, core.DidYouMean("x", nil))
	assert.Equal(t, `; did you mean "usePool"?`, core.DidYouMean("use_pool", []string{"name", "usePool", "userPool"}))
	assert.Equal(t, `; did you mean "NAME"?`, core.DidYouMean("name", []string{"game", "NAME"}), "whatever the case")
	assert.NotEmpty(t, core.DidYouMean(strings.Repeat("x", 1<<22), []string{"name"}), "in no time")
}

func TestDistance(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 3, core.Distance("kitten", "sitting"))
	assert.Equal(t, 4, core.Distance("", "four"))
}
