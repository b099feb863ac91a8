package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"golang.org/x/sync/errgroup"
)

//go:embed workflows/order.asl.json
var orderDefinition string

// orders are the executions of the order workflow: one is refused after two retries, since its document is not there;
// one waits until somebody approves it, which POST /control/approve does.
var orders = map[string]string{
	"order":   `{"document":"portrait.jpeg","total":120,"lines":[{"sku":"A-1"},{"sku":"A-2"},{"sku":"A-3"}]}`,
	"refused": `{"document":"not-there.pdf","total":80,"lines":[{"sku":"B-1"}]}`,
	"waiting": `{"document":"group.png","total":4200,"lines":[{"sku":"C-1"},{"sku":"C-2"}]}`,
}

// startOrders needs the documents, which are among the samples.
func (w *world) startOrders(ctx context.Context) error {
	activity, err := w.sfn.CreateActivity(ctx, &sfn.CreateActivityInput{Name: aws.String("approval")})
	if err != nil {
		return fmt.Errorf("create the activity: %w", err)
	}
	w.activity = aws.ToString(activity.ActivityArn)
	machine, err := w.create(ctx, "order-fulfilment", orderDefinition)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for name, input := range orders {
		group.Go(func() error { return w.start(ctx, machine, name, input) })
	}
	return group.Wait()
}

// catalogueStates is how many states the largest definition has.
const catalogueStates = 500

// startCatalogue runs a state machine of as many states as anybody draws: Parallel states one after another, each of
// four branches.
func (w *world) startCatalogue(ctx context.Context) error {
	definition, err := json.Marshal(catalogue(catalogueStates))
	if err != nil {
		return err
	}
	machine, err := w.create(ctx, "catalogue", string(definition))
	if err != nil {
		return err
	}
	return w.start(ctx, machine, "catalogue", "{}")
}

type object = map[string]any

// catalogue is a definition of so many states, a multiple of 25.
func catalogue(states int) object {
	const branches, length = 4, 6
	groups := object{}
	last := states/(branches*length+1) - 1
	for g := range last + 1 {
		parallel := object{"Type": "Parallel", "ResultPath": nil, "Branches": []object{}}
		for b := range branches {
			name := func(n int) string { return fmt.Sprintf("Page %d.%d.%d", g+1, b+1, n+1) }
			parallel["Branches"] = append(parallel["Branches"].([]object), chain(name, length))
		}
		end(parallel, g == last, fmt.Sprintf("Chapter %d", g+2))
		groups[fmt.Sprintf("Chapter %d", g+1)] = parallel
	}
	return object{"StartAt": "Chapter 1", "States": groups}
}

// chain is so many Pass states after one another.
func chain(name func(int) string, length int) object {
	states := object{}
	for n := range length {
		pass := object{"Type": "Pass"}
		end(pass, n == length-1, name(n+1))
		states[name(n)] = pass
	}
	return object{"StartAt": name(0), "States": states}
}

func end(state object, last bool, next string) {
	if last {
		state["End"] = true
		return
	}
	state["Next"] = next
}

func (w *world) create(ctx context.Context, name, definition string) (arn string, err error) {
	out, err := w.sfn.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/" + name),
	})
	if err != nil {
		return "", fmt.Errorf("create the state machine %s: %w", name, err)
	}
	return aws.ToString(out.StateMachineArn), nil
}

func (w *world) start(ctx context.Context, machine, name, input string) error {
	out, err := w.sfn.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine, Name: &name, Input: &input})
	if err != nil {
		return fmt.Errorf("start the execution %s: %w", name, err)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.executions[name] = aws.ToString(out.ExecutionArn)
	return nil
}
