import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';
import type { EngineEvent } from '../agent-engine.js';

type ContentBlock = Extract<SDKUserMessage['message']['content'], unknown[]>[number];
type ToolResult = Extract<ContentBlock, { type: 'tool_result' }>;

export function toolFinished(block: ToolResult, detail: unknown, parent: string | undefined): EngineEvent {
  return {
    type: 'tool.finished',
    id: block.tool_use_id,
    isError: block.is_error ?? false,
    output: outputText(block.content),
    ...(detail === undefined ? {} : { detail }),
    ...(parent === undefined ? {} : { parent }),
  };
}

/** What the model reads, as one text; images and the like are only named. */
function outputText(content: ToolResult['content']): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
}
