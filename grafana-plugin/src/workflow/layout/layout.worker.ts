import { Answer, Job } from './layouter';
import { layoutMachine } from './layout';

const answer = ({ id, machine, options }: Job): Answer => {
  try {
    return { id, layout: layoutMachine(machine, options) };
  } catch (error) {
    return { id, error: (error as Error).message };
  }
};

self.onmessage = ({ data }: MessageEvent<Job>) => self.postMessage(answer(data));
