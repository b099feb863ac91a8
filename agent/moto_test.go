package agent_test

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	"github.com/steptrace/steptrace/collector/loopback"
)

// emulated are state machines for an emulator that others wrote, and the spans of their executions.
var emulated = map[string]struct{ definition, tree string }{
	"passes": {`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Succeed"}}}`, `
execution passes Unset
  state A Unset
  state B Unset
`},
	"waits": {`{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}`, `
execution waits Unset
  state W Unset
`},
	"forks": {`{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"L","States":{"L":{"Type":"Pass","End":true}}},{"StartAt":"R","States":{"R":{"Type":"Pass","End":true}}}]}}}`, `
execution forks Unset
  state P Unset
    branch branch 0 Unset
      state L Unset
    branch branch 1 Unset
      state R Unset
`},
	"maps": {`{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemsPath":"$.items","ItemProcessor":{
		"ProcessorConfig":{"Mode":"INLINE"},"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}}}}`, `
execution maps Unset
  state M Unset
    iteration iteration 0 Unset
      state I Unset
    iteration iteration 1 Unset
      state I Unset
    iteration iteration 2 Unset
      state I Unset
`},
	"fails": {`{"StartAt":"C","States":{"C":{"Type":"Choice","Default":"F","Choices":[
		{"Variable":"$.ok","BooleanEquals":true,"Next":"S"}]},"F":{"Type":"Fail","Error":"Boom"},"S":{"Type":"Succeed"}}}`, `
execution fails Error
  state C Unset
  state F Error
`},
}

// TestAnEmulatorThatOthersWrote follows executions of moto, which does not share our reading of AWS. It runs one at a
// time: moto 5 fails to start a second one.
func TestAnEmulatorThatOthersWrote(t *testing.T) {
	url := moto(t)
	client := stepfunctionstest.HTTPClient(t)
	api := sfn.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &url, Credentials: testCredentials, HTTPClient: client,
	})
	for name, e := range emulated {
		t.Run(name, func(t *testing.T) {
			post(t, client, url+"/moto-api/reset", "")
			machine := create(t, api, name, e.definition)
			out, err := api.StartExecution(t.Context(), &sfn.StartExecutionInput{
				StateMachineArn: &machine, Name: aws.String("run-" + name), Input: aws.String(`{"items":[1,2,3],"ok":false}`),
			})
			require.NoError(t, err)
			w := newWorld(t)
			a, s := followReal(t, w.config, url)
			require.Eventually(t, func() bool {
				require.NoError(t, a.Poll(t.Context()))
				return w.checkpoint().Executions[*out.ExecutionArn].Finished
			}, 20*time.Second, 20*time.Millisecond)
			require.Empty(t, missing(t, api, *out.ExecutionArn, s))
			require.Equal(t, strings.Split(strings.TrimSpace(e.tree), "\n"), s.tree())
		})
	}
}

func post(t *testing.T, client *http.Client, url, body string) {
	t.Helper()
	out, err := client.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, out.Body.Close())
	require.Less(t, out.StatusCode, 300)
}

// moto is the URL of an emulator that runs state machines; without one installed the test is skipped.
func moto(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not installed")
	}
	address, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	server := exec.Command(program, "-H", "127.0.0.1", "-p", port)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
	})
	url := "http://" + address
	client := stepfunctionstest.HTTPClient(t)
	require.Eventually(t, func() bool {
		body := strings.NewReader(`{"stepfunctions": {"execute_state_machine": true}}`)
		out, err := client.Post(url+"/moto-api/config", "application/json", body)
		if err != nil {
			return false
		}
		_ = out.Body.Close()
		return out.StatusCode == http.StatusCreated
	}, 60*time.Second, 100*time.Millisecond, fmt.Sprint(program, " does not answer at ", url))
	return url
}
