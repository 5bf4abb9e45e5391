package keygenmock

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestReadVersion(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"1.0": "1.0", "1.1": "1.1", "1.2": "1.2", "1.3": "1.3", "1.4": "1.4", "1.5": "1.5", "1.6": "1.6", "1.7": "1.7", "1.8": "1.8",
		"v1.8": "1.8", "v1.0": "1.0", "": "1.5",
	} {
		turn := &core.Turn{}
		v, bad := readVersion(turn, []string{sent}, 5)
		require.Nil(t, bad, sent)
		assert.Equal(t, want, v.String())
		assert.Len(t, turn.Rows, 1)
	}
	for _, unknown := range []string{"1.9", "2.0", "1", "1.08", "v", "V1.8", "1.8.0", " 1.8", "1.8\n", "latest", "0.9"} {
		turn := &core.Turn{}
		v, bad := readVersion(turn, []string{unknown}, 5)
		require.NotNil(t, bad, unknown)
		assert.Equal(t, badRequest{
			detail: "unsupported API version requested", code: "INVALID_API_VERSION", about: "https://keygen.sh/docs/api/versioning/",
		}, *bad)
		assert.Equal(t, version(5), v)
		assert.Equal(t, []string{ruleVersionUnsupported}, turn.Rows)
	}
	turn := &core.Turn{}
	v, bad := readVersion(turn, nil, newest)
	assert.Nil(t, bad)
	assert.Equal(t, "1.8", v.String())
	assert.Empty(t, turn.Rows)
}

func TestIdentityHeaders(t *testing.T) {
	t.Parallel()
	for v := range newest + 1 {
		turn, want := &core.Turn{}, "Keygen-Token"
		if v <= 3 {
			want += "-Id"
		}
		assert.Equal(t, want, v.identityHeader(turn, "Token"), v)
		assert.Equal(t, v <= 3, len(turn.Rows) == 1)
	}
}

func TestPolicyAttributesOfVersions(t *testing.T) {
	t.Parallel()
	attributes := fields{
		{"name", "a"},
		{"machineUniquenessStrategy", "U"},
		{"machineMatchingStrategy", "M"},
		{"machineLeasingStrategy", "L"},
		{"processLeasingStrategy", "P"},
		{"overageStrategy", "NO_OVERAGE"},
	}
	for v, want := range map[version]string{
		8: `{"name":"a","machineUniquenessStrategy":"U","machineMatchingStrategy":"M","machineLeasingStrategy":"L","processLeasingStrategy":"P","overageStrategy":"NO_OVERAGE"}`,
		7: `{"name":"a","machineUniquenessStrategy":"U","machineMatchingStrategy":"M","machineLeasingStrategy":"L","processLeasingStrategy":"P","overageStrategy":"NO_OVERAGE"}`,
		6: `{"name":"a","machineUniquenessStrategy":"U","machineMatchingStrategy":"M","machineLeasingStrategy":"L","leasingStrategy":"P","overageStrategy":"NO_OVERAGE"}`,
		4: `{"name":"a","machineUniquenessStrategy":"U","machineMatchingStrategy":"M","machineLeasingStrategy":"L","leasingStrategy":"P","overageStrategy":"NO_OVERAGE"}`,
		3: `{"name":"a","fingerprintUniquenessStrategy":"U","fingerprintMatchingStrategy":"M","machineLeasingStrategy":"L","leasingStrategy":"P","overageStrategy":"NO_OVERAGE"}`,
		2: `{"name":"a","fingerprintUniquenessStrategy":"U","fingerprintMatchingStrategy":"M","machineLeasingStrategy":"L","leasingStrategy":"P","overageStrategy":"NO_OVERAGE"}`,
		1: `{"name":"a","fingerprintUniquenessStrategy":"U","fingerprintMatchingStrategy":"M","machineLeasingStrategy":"L","leasingStrategy":"P","overageStrategy":"NO_OVERAGE","concurrent":false}`,
		0: `{"name":"a","fingerprintUniquenessStrategy":"U","fingerprintMatchingStrategy":"M","machineLeasingStrategy":"L","leasingStrategy":"P","overageStrategy":"NO_OVERAGE","concurrent":false}`,
	} {
		turn := &core.Turn{}
		got, err := json.Marshal(v.policyAttributes(turn, attributes))
		require.NoError(t, err)
		assert.Equal(t, want, string(got), "version %v", v)
		assert.Equal(t, v <= 6, len(turn.Rows) > 0)
	}
	attributes[5].value = "ALWAYS_ALLOW_OVERAGE"
	got, _ := json.Marshal(version(1).policyAttributes(&core.Turn{}, attributes))
	assert.Contains(t, string(got), `"concurrent":true`)
	assert.Equal(t, "processLeasingStrategy", attributes[4].name, "the caller's list stays as it is")
}

func TestFieldsKeepOrderAndText(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(fields{{"b", "<&>"}, {"a", nil}, {`"`, fields{}}, {"d", []string{}}})
	require.NoError(t, err)
	assert.Equal(t, `{"b":"\u003c\u0026\u003e","a":null,"\"":{},"d":[]}`, string(got), "json.Marshal escapes what a Marshaler wrote")
	assert.Equal(t, `{"b":"<&>"}`, string(core.JSON(200, fields{{"b", "<&>"}}).Body))
	_, err = json.Marshal(fields{{"a", func() {}}})
	assert.Error(t, err)
}
