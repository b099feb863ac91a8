package plugin

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
)

// fitting asks with wider steps for as long as the answer is cut, for a graph without its end misleads.
func fitting(
	steps frame.Steps, ask func(frame.Steps) (frames data.Frames, cut bool, err error),
) (data.Frames, error) {
	wide := steps
	for {
		frames, cut, err := ask(wide)
		if err != nil {
			return nil, err
		}
		if whole := wide.Until.Sub(wide.Since) <= wide.Step; cut && whole {
			return frame.Noted(frames, data.NoticeSeverityWarning, tooManySeries), nil
		}
		if !cut {
			return noteWidth(frames, steps, wide), nil
		}
		wide = wide.Wider().Wider()
	}
}

const tooManySeries = "There are more series than are shown: choose fewer, such as by state machine."

func noteWidth(frames data.Frames, wanted, got frame.Steps) data.Frames {
	if got.Step == wanted.Step {
		return frames
	}
	text := fmt.Sprintf("Steps are of %s, for there are many series: choose fewer for steps of %s.", got.Step, wanted.Step)
	return frame.Noted(frames, data.NoticeSeverityInfo, text)
}
