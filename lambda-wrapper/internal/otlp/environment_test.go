package otlp

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestErrorsRepeatNothingOfHeaders(t *testing.T) {
	_, err := ParseHeaders("authorization=Bearer%2")
	require.ErrorContains(t, err, "entry 1")
	require.NotContains(t, err.Error(), "Bearer")
	headers, err := ParseHeaders(" authorization = Bearer%20a%3Db , x-tenant=7,")
	require.NoError(t, err)
	require.Equal(t, http.Header{"Authorization": {"Bearer a=b"}, "X-Tenant": {"7"}}, headers)
}

func TestASettingOfTheSignalWins(t *testing.T) {
	env := map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "10", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "20"}
	getenv := func(name string) string { return env[name] }
	require.Equal(t, "10", Setting(getenv, Traces, "TIMEOUT"))
	require.Equal(t, "20", Setting(getenv, Logs, "TIMEOUT"))
}

func TestPausesDoubleUntilTheCollectorAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b Backoff
		require.False(t, b.Resting())
		for i, pause := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			require.Equal(t, i == 0, b.Failed())
			time.Sleep(pause*time.Second - time.Nanosecond)
			require.True(t, b.Resting())
			time.Sleep(time.Nanosecond)
			require.False(t, b.Resting())
		}
		require.True(t, b.Recovered())
		require.False(t, b.Recovered())
	})
}

// net/http would refuse to send them, each time, and what is to be sent would be kept for good.
func TestHeadersThatCannotBeSentAreErrors(t *testing.T) {
	for _, list := range []string{"a=x%0d%0ab: c", "a=%00", "a b=c", "a:=c", "ä=c", "=c"} {
		_, err := ParseHeaders(list)
		require.ErrorContains(t, err, "entry 1 of the OTLP headers", list)
	}
	headers, err := ParseHeaders("X-a_1=a%09b%C3%A4")
	require.NoError(t, err)
	require.Equal(t, "a\tbä", headers.Get("X-A_1"))
}

func TestALongTimeoutDoesNotOverflow(t *testing.T) {
	timeout, err := ParseTimeout("9223372036854775807")
	require.NoError(t, err)
	require.Equal(t, time.Hour, timeout)
}
